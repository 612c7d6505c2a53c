"""Store what running graphs add: checkpoints, their values, and writes. `adding` has the statements.

An addition writes its namespace's row: a checkpoint gives it a new epoch, a row of writes takes the next number. So an
addition and a removal never pass each other, and the row says afterwards what became of an addition whose answer was
lost (`find`). The parts of one call are stored together or not at all. With writable CTEs they are one statement, which
commits itself; elsewhere they are a transaction of a few statements, sent together.

The one statement takes the additions of several calls: as with appends, additions that arrive while one is being stored
go together in the next. There, a namespace that somebody has locked is skipped instead of waited for (`SKIP LOCKED`):
only the call that adds to it waits, in a statement of its own.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from ..context import Context
from ..operations import about, batched, once
from ..statements import Fenced, Group, Lost, Rows, Statement, Steps, fetch
from . import adding
from .adding import KEY, TABLES, WANTED, Form, Holding
from .outcomes import find_addition
from .rows import Namespace
from .targets import Addition, Target, by_namespace, size

_FEW = {"run": 2, "written": 1, "saved": 1}
"""The most rows of a table that have parameters of their own. Few, because each number of rows is another statement,
which each connection prepares."""
_NOTHING: Mapping[str, Any] = {}


def _graphs(_addition: Addition) -> Hashable:
    """Return the subject of an addition: no read that may be stale asks for what graphs have stored, except counts."""
    return ("graphs",)


def _namespace(addition: Addition) -> Hashable:
    return addition.place.id


def can_be_shared(context: Context, addition: Addition) -> bool:
    """Return whether an addition can be batched.

    The database has writable CTEs, the namespace is known, its epoch matters to a checkpoint, and nothing is deleted.
    """
    known = addition.place.id is not None and not addition.free
    return context.dialect.writable_ctes and known and not addition.superseded


def find(_context: Context, additions: Sequence[Addition]) -> Steps[list[Namespace | Fenced | Lost | None]]:
    """Find out what became of additions, see `outcomes`; None for one that was not sent."""
    found: list[Namespace | Fenced | Lost | None] = []
    for addition, target in zip(additions, by_namespace(additions)[1], strict=True):
        found.append(None if target is None else (yield from find_addition(addition, target.epoch)))
    return found


def find_alone(_context: Context, addition: Addition) -> Steps[Namespace | Fenced | Lost]:
    """Find out what became of an addition, see `outcomes`."""
    return (yield from find_addition(addition, addition.token))


@about(_graphs)
@batched(size=size, locks=_namespace)
@once(find=find)
def add(context: Context, additions: Sequence[Addition]) -> Steps[list[Namespace | Fenced | None]]:
    """Store additions that can be shared; returns the namespace of each, as it is after that.

    None for an addition that was not stored: its namespace is locked, has another generation or epoch, or is gone.
    Raises `KeyTaken` if the place of a run is taken.
    """
    targets, of_each = by_namespace(additions)
    if len(targets) == 1:
        (target_of_all,) = targets.values()
        rows = yield from _add_to_one(context, target_of_all, Holding.SKIPPING)
    else:
        rows = yield from _add_to_several(context, [*targets.values()])
    held: dict[int | None, bool] = {row[0]: row[1] for row in rows}
    stored: list[Namespace | Fenced | None] = []
    for addition, target in zip(additions, of_each, strict=True):
        fits = (
            target is not None and addition.place.id in held and (held[addition.place.id] or not addition.checkpoints)
        )
        stored.append(_stored(addition, target.epoch) if target is not None and fits else None)
    return stored


@about(_graphs)
@once(find=find_alone)
def add_alone(context: Context, addition: Addition) -> Steps[Namespace | Fenced | None]:
    """Store one addition and delete what it supersedes; returns its namespace, as it is after that.

    None if the namespace has another generation or epoch by now, or is gone; if it was to be created, None if it exists
    or the root namespace is gone. Raises `KeyTaken` if the place of a run is taken.
    """
    if context.dialect.writable_ctes:
        how = Holding.WAITING
        if addition.place.id is None:
            how = Holding.MAKING if addition.root is None else Holding.MAKING_BELOW
        rows = yield from _add_to_one(context, Target.of(addition), how, _made(addition), _superseded(addition))
    else:
        rows = yield from _add_each(context, addition)
    return _stored(addition, addition.token) if rows else None


def _add_to_one(
    context: Context,
    target: Target,
    how: Holding,
    made: Mapping[str, Any] = _NOTHING,
    superseded: Sequence[Statement] = (),
) -> Steps[Rows]:
    """Store the additions to a namespace with one statement; returns its id if it was held, and whether its epoch fits.

    `superseded` deletes rows in the same statement, if one may do both, or before it.
    """
    given = {**_held(target), **made}
    shape = []
    for name, rows in target.rows().items():
        if len(rows) > _FEW[name]:
            given |= _list(context, name, ("id", *TABLES[name][1]), [(target.place.id, *row) for row in rows])
            shape.append((name, 0))
            continue
        shape.append((name, len(rows)))
        for place, row in enumerate(rows):
            for column, value in zip(TABLES[name][1], row, strict=True):
                given[f"{name}_{column}_{place}"] = value
    if together := bool(superseded) and context.dialect.changes_several_tables:
        (deleting,) = superseded
        given, superseded = {**given, **deleting.values}, ()
    form = Form(how, tuple(shape), target.expected is not None, together)
    *_none, found = yield Group([*superseded, Statement(adding.to_one, (form,), given)], last=True)
    return found


def _add_to_several(context: Context, targets: Sequence[Target]) -> Steps[Rows]:
    """Store the additions to some namespaces with one statement; returns what `_add_to_one` does, for each."""
    given = _list(context, "wanted", WANTED, [target.wanted for target in targets])
    rows: dict[str, list[tuple[Any, ...]]] = {}
    for target in targets:
        for name, of_target in target.rows().items():
            rows.setdefault(name, []).extend([(target.place.id, *row) for row in of_target])
    names = tuple([name for name in TABLES if name in rows])
    for name in names:
        given |= _list(context, name, ("id", *TABLES[name][1]), rows[name])
    return (yield from fetch(adding.to_several, names, **given))


def _list(context: Context, name: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    return context.dialect.table_parameters(name, **dict(zip(columns, zip(*rows, strict=True), strict=True)))


def _add_each(context: Context, addition: Addition) -> Steps[Rows]:
    """Store an addition with a statement for each row; returns a row if its namespace was held.

    Nothing is added to a namespace that is not there to be held: the first statement tells, or the last one.
    """
    saving, expecting, below = bool(addition.checkpoints), addition.expected is not None, addition.root is not None
    target = Target.of(addition)
    given = {**_held(target), **_made(addition)}
    before: list[Statement] = []
    if addition.place.id is not None:
        holding = Statement(adding.touching, (saving, bool(addition.writes), expecting), given)
    else:
        holding = Statement(adding.making, (below,), given)
        before = [Statement(adding.touching_root, (), given)] if below else []
    rows = [
        Statement(adding.row, (name, saving), {**given, **dict(zip(TABLES[name][1], row, strict=True))})
        for name, of_table in target.rows().items()
        for row in of_table
    ]
    tells = not context.dialect.updates_return
    telling = (Statement(adding.telling, (saving,), given),) if tells else ()
    answers = yield Group([*before, holding, *_superseded(addition), *rows, *telling], last=True)
    return answers[-1 if tells else len(before)]


def _held(target: Target) -> dict[str, Any]:
    """Return the parameters of a statement that gets hold of a single namespace."""
    return {
        "held_thread": target.place.thread_digest,
        "held_id": target.place.id,
        "held_generation": target.place.generation,
        "held_epoch": target.epoch,
        "expected": target.expected,
        "count": target.written,
    }


def _made(addition: Addition) -> Mapping[str, Any]:
    """Return the parameters of a statement that creates the namespace of an addition, if that has to be created."""
    if addition.place.id is not None:
        return _NOTHING
    made, root = addition.created.row(len(addition.writes)), addition.root
    return made if root is None else {**made, "root_thread": root.thread_digest, "root_id": root.id}


def _superseded(addition: Addition) -> list[Statement]:
    """Delete superseded rows of writes, if there are any: a statement of its own, unless one may do both."""
    if not addition.superseded:
        return []
    checkpoint_id, _body = addition.writes[0]
    given = {
        **dict(zip(KEY, (addition.place.thread_digest, addition.place.id, checkpoint_id), strict=True)),
        "superseded": json.dumps(addition.superseded),
    }
    return [Statement(adding.deleting_writes, (), given)]


def _stored(addition: Addition, epoch: int | None) -> Namespace:
    """Return the namespace of an addition after it was stored."""
    if addition.place.id is None:
        return addition.created
    return addition.place._replace(epoch=epoch) if addition.checkpoints and epoch is not None else addition.place
