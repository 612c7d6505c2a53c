"""Bring in the sessions of other packages."""

from .importing import import_sessions
from .outcome import Imported

__all__ = ["Imported", "import_sessions"]
