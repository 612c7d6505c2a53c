"""`Context`: for which database and for whom a statement is made."""

from __future__ import annotations

from .dialects import Dialect


class Context:
    """The database and the owner that a statement is made for; never changed.

    dialect: the SQL of the database.
    schema: the schema that holds the tables; None is the connection's own.
    owner: the user whose rows the statement may touch; None is every user's (see `ownership`).
    row_security: whether the server is told the owner at the start of each transaction, for its row policies.

    Contexts compare by identity, so only appends with the same context object share a batch.
    """

    __slots__ = ("__weakref__", "dialect", "owned", "owner", "row_security", "schema", "told_user")

    def __init__(
        self, dialect: Dialect, schema: str | None = None, owner: str | None = None, *, row_security: bool = False
    ) -> None:
        self.dialect = dialect
        self.schema = schema
        self.owner = owner
        self.row_security = row_security
        self.owned = owner is not None
        """Whether only one user's rows may be touched."""
        self.told_user = owner if row_security else None
        """The user that the server is told; None if it is not told."""

    def for_owner(self, owner: str) -> Context:
        """Return a new context that is limited to one user."""
        return Context(self.dialect, self.schema, owner, row_security=self.row_security)
