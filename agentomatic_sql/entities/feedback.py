"""Statements about feedback."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, bindparam, insert, select

from .. import ownership, records
from ..dialects import Dialect
from ..dialects.types import for_record
from ..errors import ThreadNotFound
from ..inputs import Row
from ..models import FEEDBACK
from ..ownership import Owner
from ..records import Record
from ..statements import Lost, Statement, Steps, Together, ask
from . import idempotency
from .idempotency import Key


def add(dialect: Dialect, row: Row, key: Key | None, owner: Owner) -> Steps[Record]:
    """Store feedback, and the caller's key with it; raises `KeyTaken` where that is.

    Raises `ThreadNotFound` where the thread has to be the owner's, and is not.
    """
    owned, given = owner is not None, {**row, "owner": owner} | ({} if key is None else key._asdict())
    if dialect.changes_in_with:
        added = yield from ask(_adding, dialect, key is not None, owned, **given)
    else:
        held = [Statement(ownership.held, (), given)] if owned else []
        adding = [Statement(_adding, (dialect, False, owned), given), Statement(dialect.last_number)]
        keying = [] if key is None else [Statement(_keying, (dialect, owned), given)]
        answers = yield Together([*held, *adding, *keying], last=True)
        added = answers[len(held) + 1] if answers[0] or not owned else ()
    if not added:
        raise ThreadNotFound(row["thread_id"])
    return records.feedback({**row, "id": added[0][0]})


def find(_dialect: Dialect, row: Row, _key: Key | None, owner: Owner) -> Steps[Record | Lost]:
    """What has become of feedback whose answer was lost: it stands if the same does, to the microsecond."""
    absent = tuple(name for name, value in row.items() if value is None)
    rows = yield from ask(_same, absent, owner is not None, **row, owner=owner)
    return records.feedback({**row, "id": rows[0][0]}) if rows else Lost.UNDONE


def _adding(dialect: Dialect, keyed: bool, owned: bool) -> Any:
    values = {column.name: _parameter(column.name) for column in FEEDBACK.columns if column.name != "id"}
    row = ownership.row(values, held=not dialect.changes_in_with)
    statement = insert(FEEDBACK)
    statement = statement.from_select([*values], row) if owned else statement.values(values)
    if not dialect.changes_in_with:
        return statement
    adding = statement.returning(FEEDBACK.c.id)
    if not keyed:
        return adding
    added = adding.cte("added")
    return select(added.c.id).add_cte(idempotency.for_feedback(added.c.id, owned, added).cte("keyed"))


def _keying(dialect: Dialect, owned: bool) -> Any:
    return idempotency.for_feedback(dialect.last_number().scalar_subquery(), owned)


def _same(absent: Sequence[str], owned: bool) -> Any:
    columns = [column for column in FEEDBACK.columns if column.name != "id"]
    same = [column.is_(None) if column.name in absent else column == _parameter(column.name) for column in columns]
    return select(FEEDBACK.c.id).where(*same, *ownership.hanging(FEEDBACK.c.thread_id, owned)).limit(1)


def page(filters: Row, limit: int, owner: Owner) -> Steps[list[Record]]:
    """The newest feedback first."""
    rows = yield from ask(_listing, tuple(filters), owner is not None, **filters, limit=limit, owner=owner)
    return [records.feedback(dict(zip(_NAMES, row, strict=True))) for row in rows]


_COLUMNS = for_record(FEEDBACK)
_NAMES = [column.key for column in _COLUMNS]


def _listing(filters: Sequence[str], owned: bool) -> Any:
    equal = [FEEDBACK.c[name] == _parameter(name) for name in filters]
    found = select(*_COLUMNS).where(*equal, *ownership.hanging(FEEDBACK.c.thread_id, owned))
    newest = found.order_by(FEEDBACK.c.id.desc())
    return newest.limit(bindparam("limit", type_=BigInteger()))


def _parameter(name: str) -> Any:
    return bindparam(name, type_=FEEDBACK.c[name].type)
