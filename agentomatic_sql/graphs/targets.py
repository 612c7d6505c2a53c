"""Describe the rows that running graphs add: those of a single call, and those of a batch by namespace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .rows import Namespace, Run

RowsByTable = dict[str, list[tuple[Any, ...]]]
"""Rows to store: the values of each, by the name of its table."""


class Addition(NamedTuple):
    """The rows that one call adds to a namespace: a checkpoint and its runs, or writes.

    If the namespace has no id, the call creates it, with `token` as its id, and stores nothing if it exists.
    """

    place: Namespace
    token: int
    """A random number of the call: the namespace's next epoch, or the token of the rows of writes."""
    checkpoints: Sequence[Mapping[str, Any]] = ()
    runs: Sequence[Run] = ()
    writes: Sequence[tuple[str, bytes]] = ()
    superseded: Sequence[tuple[int, int]] = ()
    """The sequence numbers and tokens of older rows of writes that can be deleted."""
    free: bool = False
    """Whether the checkpoint needs nothing that is stored, so that the namespace may have any epoch."""
    root: Namespace | None = None
    """The root namespace that must still exist for a subgraph's namespace to be created; None if it is not known."""

    @property
    def expected(self) -> int | None:
        """The epoch that the namespace must have; None if it may have any."""
        return self.place.epoch if self.checkpoints and not self.free else None

    @property
    def created(self) -> Namespace:
        """The namespace as this call creates it."""
        return self.place._replace(id=self.token, generation=0, epoch=self.token)


CHECKPOINT = ("checkpoint_id", "parent_checkpoint_id", "run_digest", "segments", "body", "created_at")
"""The columns of a checkpoint's row, without its namespace's key."""


def size(addition: Addition) -> int:
    """Return the size of an addition in bytes."""
    total = 0
    for row in addition.checkpoints:
        total += len(row["body"])
    for run in addition.runs:
        total += len(run.body)
    for _checkpoint_id, body in addition.writes:
        total += len(body)
    return total


class Target:
    """A namespace to which a statement adds, with all that it adds there.

    expected: the epoch that the namespace must have for a checkpoint; None if it may have any, or without one.
    epoch: the namespace's next epoch, if a checkpoint is stored: the last one's.
    written: the number of rows of writes.
    """

    __slots__ = ("additions", "epoch", "expected", "place", "written")

    def __init__(self, place: Namespace) -> None:
        self.place = place
        self.additions: list[Addition] = []
        self.expected: int | None = None
        self.epoch: int | None = None
        self.written = 0

    def add(self, addition: Addition) -> bool:
        """Add to the namespace; return False if the addition does not fit to those that are there."""
        if addition.place.generation != self.place.generation:
            return False
        if addition.checkpoints:
            if self.epoch is not None and self.expected != addition.expected:
                return False
            self.expected, self.epoch = addition.expected, addition.token
        self.written += len(addition.writes)
        self.additions.append(addition)
        return True

    @classmethod
    def of(cls, addition: Addition) -> Target:
        """Return the target of a single addition."""
        target = cls(addition.created if addition.place.id is None else addition.place)
        target.add(addition)
        return target

    @property
    def wanted(self) -> tuple[int | None, ...]:
        """The namespace's row in a list of namespaces, see `adding.WANTED`."""
        place = self.place
        return (place.thread_digest, place.id, place.generation, self.expected, self.epoch, self.written)

    def rows(self) -> RowsByTable:
        """Return the rows to store; of a table that gets none there is no list.

        `place` of a row of writes counts back from the namespace's new `sequence`; 0 is the last row.
        """
        rows: RowsByTable = {"run": [], "written": [], "saved": []}
        place = self.written
        for addition in self.additions:
            rows["run"] += addition.runs
            for checkpoint_id, body in addition.writes:
                place -= 1
                rows["written"].append((checkpoint_id, place, addition.token, body))
            for row in addition.checkpoints:
                rows["saved"].append(tuple([row[column] for column in CHECKPOINT]))
        return {name: of_table for name, of_table in rows.items() if of_table}


def by_namespace(additions: Sequence[Addition]) -> tuple[dict[int | None, Target], list[Target | None]]:
    """Return the namespaces of a batch by their ids, and the one of each addition; None if it does not fit there."""
    targets: dict[int | None, Target] = {}
    of_each: list[Target | None] = []
    for addition in additions:
        place = addition.place
        target = targets.get(place.id)
        if target is None:
            target = targets[place.id] = Target(place)
        of_each.append(target if target.add(addition) else None)
    return targets, of_each
