"""The `agentomatic-sql` command: one file for each group of commands."""

from .app import main

__all__ = ["main"]
