"""Choose rows by their columns, or by the threads that they belong to."""

from __future__ import annotations

from collections.abc import Iterable

from ..inputs import Row


class _All:
    """A container that contains everything."""

    def __contains__(self, _item: object) -> bool:
        return True


ALL_THREADS = _All()


def matching(rows: Iterable[Row], filters: Row) -> list[Row]:
    """Return the rows that have these values."""
    return [row for row in rows if all(row[name] == value for name, value in filters.items())]
