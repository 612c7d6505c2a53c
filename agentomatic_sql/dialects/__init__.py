"""The differences between databases in SQL, settings and error codes: one file per database."""

from .base import Closable, Dialect, Limits, Names, Watch
from .registry import known, named, register

__all__ = ["Closable", "Dialect", "Limits", "Names", "Watch", "known", "named", "register"]
