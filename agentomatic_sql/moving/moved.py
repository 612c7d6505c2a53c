"""Store pages of rows in a database, one after the other, and count them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..errors import KeyTaken, StoreError
from .databases import Opened, take_keys
from .reading import Page
from .writing import Batch, Misfit, has_numbers, store

if TYPE_CHECKING:
    from ..encryption import Encryption

Tell = Callable[[int, int], None]
"""Called with how much is done, and how much there is in all."""


class Moved(NamedTuple):
    """The numbers of rows that were moved, by the name of their entity."""

    added: Mapping[str, int]
    """How many rows were stored."""
    present: Mapping[str, int]
    """How many rows were there before, and were left as they are."""
    reported: Sequence[str] = ()
    """What somebody should know of the source: a sentence each on what was changed or left behind, with its number."""


async def into(
    one: Opened,
    keys: Mapping[str, str],
    encryption: Encryption | None,
    pages: AsyncIterator[Page],
    tell: Callable[[int], None] | None,
    error: Callable[[Misfit, Batch], StoreError],
) -> Moved:
    """Store the rows of pages that are missing in a database.

    Args:
        one: The database.
        keys: The check values of the keys with which the rows are encrypted, by their ids.
        encryption: Keys that show that the database is encrypted with the same keys, or None.
        pages: The rows.
        tell: Called after each page with the number of rows that are done.
        error: Makes the error for a row of the last page, given as a batch, that does not fit.

    Returns:
        How many rows were added and were there.
    """
    await take_keys(one, keys, encryption)
    counts: tuple[dict[str, int], dict[str, int]] = {}, {}
    numbers_are_taken = await one.run(has_numbers)
    done = 0
    async for entity, rows in pages:
        batch = Batch(entity, rows)
        try:
            added = await _stored(one, batch, numbers_are_taken)
        except Misfit as misfit:
            raise error(misfit, batch) from misfit
        done += len(rows)
        for of_entity, more in zip(counts, (added, len(rows) - added), strict=True):
            of_entity[entity.name] = of_entity.get(entity.name, 0) + more
        if tell is not None:
            tell(done)
    return Moved(*counts)


async def _stored(one: Opened, batch: Batch, numbers_are_taken: bool) -> int:
    try:
        return await one.run(store, batch, numbers_are_taken)
    except KeyTaken:  # by somebody else, after the batch had looked
        return await one.run(store, batch, True)
