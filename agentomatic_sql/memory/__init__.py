"""`MemoryStore`: a store in the memory of this process, for tests and trials."""

from .store import MemoryStore

__all__ = ["MemoryStore"]
