"""What differs between databases in SQL; one file a database holds only its differences."""

from .base import Closable, Dialect, Limits
from .registry import known, named, register

__all__ = ["Closable", "Dialect", "Limits", "known", "named", "register"]
