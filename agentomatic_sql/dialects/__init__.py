"""The differences between databases in SQL, settings and error codes: one file per database."""

from .base import Closable, Dialect, Limits, Names, Watch
from .registry import NAMES, known, named

__all__ = ["NAMES", "Closable", "Dialect", "Limits", "Names", "Watch", "known", "named"]
