"""`SQLAlchemyStore`: a store in a database, its methods, and a user's view of it."""

from .sqlalchemy import SQLAlchemyStore, UserStore

__all__ = ["SQLAlchemyStore", "UserStore"]
