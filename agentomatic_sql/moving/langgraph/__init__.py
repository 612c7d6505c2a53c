"""Bring in what LangGraph's own checkpoint savers have stored."""

from .importing import MovedGraphs, encrypted, import_langgraph

__all__ = ["MovedGraphs", "encrypted", "import_langgraph"]
