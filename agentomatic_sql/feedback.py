"""Statements about feedback."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, bindparam, insert, select

from . import idempotency, records
from .dialects import Dialect
from .dialects.types import for_record
from .idempotency import Key
from .inputs import Row
from .models import FEEDBACK
from .records import Record
from .statements import Lost, Statement, Steps, Together, ask


def add(dialect: Dialect, row: Row, key: Key | None) -> Steps[Record]:
    """Store feedback, and the caller's key with it; raises `KeyTaken` where that is."""
    own = row if key is None else {**row, **key._asdict()}
    if dialect.changes_in_with:
        ((number,),) = yield from ask(_adding, dialect, key is not None, **own)
    else:
        adding = [Statement(_adding, (dialect, False), row), Statement(dialect.last_number)]
        keying = [] if key is None else [Statement(_keying, (dialect,), own)]
        _none, ((number,),), *_keyed = yield Together([*adding, *keying], last=True)
    return records.feedback({**row, "id": number})


def find(_dialect: Dialect, row: Row, _key: Key | None) -> Steps[Record | Lost]:
    """What has become of feedback whose answer was lost: it stands if the same does, to the microsecond."""
    rows = yield from ask(_same, tuple(name for name, value in row.items() if value is None), **row)
    return records.feedback({**row, "id": rows[0][0]}) if rows else Lost.UNDONE


def _adding(dialect: Dialect, keyed: bool) -> Any:
    names = [column.name for column in FEEDBACK.columns if column.name != "id"]
    statement = insert(FEEDBACK).values({name: _parameter(name) for name in names})
    if not dialect.changes_in_with:
        return statement
    adding = statement.returning(FEEDBACK.c.id)
    if not keyed:
        return adding
    added = adding.cte("added")
    number = select(added.c.id).scalar_subquery()
    return select(added.c.id).add_cte(idempotency.for_feedback(number).cte("keyed"))


def _keying(dialect: Dialect) -> Any:
    return idempotency.for_feedback(dialect.last_number().scalar_subquery())


def _same(absent: Sequence[str]) -> Any:
    columns = [column for column in FEEDBACK.columns if column.name != "id"]
    same = [column.is_(None) if column.name in absent else column == _parameter(column.name) for column in columns]
    return select(FEEDBACK.c.id).where(*same).limit(1)


def page(filters: Row, limit: int) -> Steps[list[Record]]:
    """The newest feedback first."""
    rows = yield from ask(_listing, tuple(filters), **filters, limit=limit)
    return [records.feedback(dict(zip(_NAMES, row, strict=True))) for row in rows]


_COLUMNS = for_record(FEEDBACK)
_NAMES = [column.key for column in _COLUMNS]


def _listing(filters: Sequence[str]) -> Any:
    equal = (FEEDBACK.c[name] == _parameter(name) for name in filters)
    newest = select(*_COLUMNS).where(*equal).order_by(FEEDBACK.c.id.desc())
    return newest.limit(bindparam("limit", type_=BigInteger()))


def _parameter(name: str) -> Any:
    return bindparam(name, type_=FEEDBACK.c[name].type)
