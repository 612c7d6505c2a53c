"""Statements about feedback."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, bindparam, insert, select

from . import records
from .dialects import Dialect
from .dialects.types import for_record
from .inputs import Row
from .models import FEEDBACK
from .records import Record
from .statements import Lost, Statement, Steps, Together, ask


def add(dialect: Dialect, row: Row) -> Steps[Record]:
    adding = Statement(_adding, (dialect.returns_changed,), row)
    if dialect.returns_changed:
        ((given,),) = yield Together((adding,), last=True)
    else:
        _none, (given,) = yield Together((adding, Statement(dialect.last_number)), last=True)
    return records.feedback({**row, "id": given[0]})


def find(_dialect: Dialect, row: Row) -> Steps[Record | Lost]:
    """What has become of feedback whose answer was lost: it stands if the same does, to the microsecond."""
    rows = yield from ask(_same, tuple(name for name, value in row.items() if value is None), **row)
    return records.feedback({**row, "id": rows[0][0]}) if rows else Lost.UNDONE


def _adding(returning: bool) -> Any:
    names = [column.name for column in FEEDBACK.columns if column.name != "id"]
    statement = insert(FEEDBACK).values({name: _parameter(name) for name in names})
    return statement.returning(FEEDBACK.c.id) if returning else statement


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
