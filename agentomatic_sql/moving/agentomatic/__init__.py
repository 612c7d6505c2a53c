"""Bring in what agentomatic's own store has."""

from .importing import import_agentomatic

__all__ = ["import_agentomatic"]
