"""The `agentomatic-sql` command; one file a group of commands."""

from .app import main

__all__ = ["main"]
