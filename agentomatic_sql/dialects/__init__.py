"""What differs between databases in SQL; one file a database holds only its differences."""

from .base import Closable, Dialect, Limits, R
from .registry import known, named, register

__all__ = ["Closable", "Dialect", "Limits", "R", "known", "named", "register"]
