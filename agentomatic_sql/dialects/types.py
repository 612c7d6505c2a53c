"""The column types: one for each kind of value, with the same meaning on every database.

`inputs.py` has checked the values before they get here; JSON columns are given JSON text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    DateTime,
    Dialect,
    FunctionElement,
    Integer,
    LargeBinary,
    String,
    Table,
    TableValuedAlias,
    Text,
    column,
    func,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import ColumnCollectionConstraint
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from ..escaping import from_database, to_database
from ..jsontext import dump

ID_LENGTH = 255
MYSQL_COLLATION = "utf8mb4_0900_bin"
MARIADB_COLLATION = "utf8mb4_nopad_bin"


class Id(UserDefinedType[str]):
    """An id: at most 255 characters, compared and ordered by code point; trailing spaces are significant.

    A server's default collation may order by language (PostgreSQL) or ignore case, accents and trailing spaces (MySQL).
    MySQL and MariaDB have different names for the collation that ignores nothing.
    """

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> None:
        return None

    def result_processor(self, dialect: Dialect, coltype: Any) -> None:
        return None


@compiles(Id)
def _id(element: Id, compiler: Any, **kw: Any) -> str:
    return f"VARCHAR({ID_LENGTH})"


@compiles(Id, "postgresql")
def _id_postgresql(element: Id, compiler: Any, **kw: Any) -> str:
    return f'VARCHAR({ID_LENGTH}) COLLATE "C"'


@compiles(Id, "cockroachdb")
def _id_cockroachdb(element: Id, compiler: Any, **kw: Any) -> str:
    return f"VARCHAR({ID_LENGTH})"  # compared by bytes by default


@compiles(Id, "mysql")
@compiles(Id, "mariadb")
def _id_mysql(element: Id, compiler: Any, **kw: Any) -> str:
    # Not by the dialect's name: a connected mysql:// URL may lead to MariaDB.
    collation = MARIADB_COLLATION if compiler.dialect.is_mariadb else MYSQL_COLLATION
    return f"VARCHAR({ID_LENGTH}) CHARACTER SET utf8mb4 COLLATE {collation}"


# MySQL's and MariaDB's types are written by functions of our own: SQLAlchemy's would load its whole dialect for them.


class _LongText(Text):
    """Text of any length. MySQL's TEXT ends at 64 KiB; without strict mode a longer text is cut."""


@compiles(_LongText)
def _long_text(element: _LongText, compiler: Any, **kw: Any) -> str:
    return "TEXT"


@compiles(_LongText, "mysql")
@compiles(_LongText, "mariadb")
def _long_text_mysql(element: _LongText, compiler: Any, **kw: Any) -> str:
    return "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"


class JsonText(TypeDecorator[str]):
    """JSON, stored as text, because no database's own JSON type keeps every value exactly.

    MySQL's type sorts keys and refuses lone surrogates; PostgreSQL's jsonb sorts keys and refuses U+0000.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(_LongText())


class ExactText(TypeDecorator[str]):
    """Text of any length that is read exactly as it was stored, U+0000 and lone surrogates too.

    PostgreSQL refuses U+0000 and no driver can encode a lone surrogate; `escaping.py` explains how they are stored.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(_LongText())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return to_database(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return from_database(value)

    # Replaces the two methods above where SQLAlchemy allows it: through them, each value costs three calls.

    def bind_processor(self, dialect: Dialect) -> Any:
        return to_database

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        return from_database


class _HexBytes(UserDefinedType[bytes]):
    """LONGBLOB, sent as hexadecimal digits: aiomysql 0.3 cannot bind bytes."""

    cache_ok = True

    def get_col_spec(self, **kw: Any) -> str:
        return "LONGBLOB"

    def bind_processor(self, dialect: Dialect) -> Any:
        return lambda value: None if value is None else value.hex()

    def bind_expression(self, bindvalue: BindParameter[bytes]) -> ColumnElement[bytes]:
        return func.unhex(bindvalue, type_=self)


LongBytes = LargeBinary().with_variant(_HexBytes(), "mysql", "mariadb")
"""Bytes of any length."""


class _AsciiChar(String):
    """Letters and digits, one byte each, compared by bytes."""


@compiles(_AsciiChar)
def _ascii_char(element: _AsciiChar, compiler: Any, **kw: Any) -> str:
    return f"CHAR({element.length}) CHARACTER SET ascii COLLATE ascii_bin"


Digest = String(32).with_variant(_AsciiChar(32), "mysql", "mariadb")
"""A digest, used as the key of a text of any length: 16 bytes as hexadecimal digits."""


class JsonRows(UserDefinedType[Any]):
    """A parameter with several rows as one JSON text, a list of lists; `kinds` are the types of the columns.

    The rows are given as a list of columns.
    """

    cache_ok = True

    def __init__(
        self, kinds: tuple[TypeEngine[Any], ...]
    ) -> None:  # an attribute of each argument's name: copies need it
        self.kinds = kinds

    def bind_processor(self, dialect: Dialect) -> Any:
        converters = [_json_maker(kind, dialect) for kind in self.kinds]

        def process(columns: Sequence[Sequence[Any]]) -> str:
            pairs = zip(columns, converters, strict=True)
            values = [column if convert is None else map(convert, column) for column, convert in pairs]
            return dump(list(zip(*values, strict=True)))

        return process


def _json_maker(kind: TypeEngine[Any], dialect: Dialect) -> Any:
    """Return what makes the JSON value of a column's; None if it is the same. JSON has no times: they are text."""
    make: Any = kind.dialect_impl(dialect).bind_processor(dialect)
    return (lambda value: value and str(make(value))) if isinstance(kind, UtcTime) else make


class JsonTable(FunctionElement[Any]):
    """MySQL's `JSON_TABLE`: the rows of a JSON text that is a list of lists."""

    inherit_cache = False

    def __init__(self, text: ColumnElement[str], **columns: TypeEngine[Any]) -> None:
        self.kinds = columns
        super().__init__(text)

    def named(self, name: str) -> TableValuedAlias:
        """Return the rows as a table with a name."""
        return self.table_valued(*(column(key, kind) for key, kind in self.kinds.items()), name=name)


@compiles(JsonTable)
def _json_table(element: JsonTable, compiler: Any, **kw: Any) -> str:
    text = compiler.process(element.clauses, **kw)
    kinds = [(name, compiler.dialect.type_compiler_instance.process(kind)) for name, kind in element.kinds.items()]
    columns = [f"`{name}` {kind} PATH '$[{number}]'" for number, (name, kind) in enumerate(kinds)]
    return f"JSON_TABLE({text}, '$[*]' COLUMNS ({', '.join(columns)}))"


class _Microseconds(DateTime):
    """A time without a zone, to the microsecond."""


@compiles(_Microseconds)
def _microseconds(element: _Microseconds, compiler: Any, **kw: Any) -> str:
    return "DATETIME(6)"


class UtcTime(TypeDecorator[datetime]):
    """A time in UTC to the microsecond, as an aware datetime.

    It is stored as timestamptz on PostgreSQL and CockroachDB, as DATETIME(6) on MySQL and MariaDB (whose TIMESTAMP ends
    in 2038 and depends on the session's time zone), and as text of fixed width on SQLite, which has no type for times.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind = DateTime(timezone=True).with_variant(_Microseconds(), "mysql", "mariadb")
        return dialect.type_descriptor(kind)

    def bind_processor(self, dialect: Dialect) -> Any:
        return _WRITE.get(dialect.name)  # none for asyncpg, which takes any aware time

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _in_utc(value)


def _in_utc(value: datetime) -> datetime:
    """Return a time that a driver has read, in UTC.

    A time without a zone is in UTC. asyncpg stores `datetime.max` as `infinity` and returns that without a zone.
    """
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value if value.tzinfo is UTC else value.astimezone(UTC)


def _naive(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC).replace(tzinfo=None)


def _text(value: datetime | None) -> str | None:
    if value is None:
        return None
    return _text_of_utc(value if value.tzinfo is UTC else value.astimezone(UTC))


@lru_cache(maxsize=64)  # one time stands in many parameters of a statement, or of a batch
def _text_of_utc(value: datetime) -> str:
    return value.isoformat(" ", "microseconds")[:-_OFFSET]


_OFFSET = len("+00:00")
_WRITE = {"sqlite": _text, "mysql": _naive, "mariadb": _naive}
_AWARE = ("postgresql", "cockroachdb")


class IsoTime(UtcTime):
    """A time like `UtcTime` that is read as records hold it: ISO-8601 text in UTC with microseconds and +00:00."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        return _READ_ISO.get(dialect.name, _iso_of_naive)


def _iso_of_aware(value: datetime | None) -> str | None:
    return None if value is None else _in_utc(value).isoformat(timespec="microseconds")


def _iso_of_naive(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat(timespec="microseconds") + "+00:00"


def _iso_of_text(value: str | None) -> str | None:
    return None if value is None else f"{value[:10]}T{value[11:]}+00:00"  # SQLite's text has a blank for the T


_READ_ISO = {"sqlite": _iso_of_text, **dict.fromkeys(_AWARE, _iso_of_aware)}


def for_record(table: Table, names: Iterable[str] | None = None) -> list[ColumnElement[Any]]:
    """Return a table's columns (all, or those named) as records need them: times are read as ISO-8601 text."""
    columns = table.columns if names is None else [table.c[name] for name in names]
    return [
        type_coerce(column, IsoTime()).label(column.name) if isinstance(column.type, UtcTime) else column
        for column in columns
    ]


ASCENDING = "agentomatic_sql.ascending"
"""Key of an index's `info`: whether new rows come at its end."""


class InlineIndex(ColumnCollectionConstraint):
    """An index that CREATE TABLE makes with its table, where `Dialect.inline_indexes` says that it can."""


@compiles(InlineIndex)
def _inline_index(element: InlineIndex, compiler: Any, **kw: Any) -> str:
    columns = ", ".join(compiler.preparer.quote(column.name) for column in element.columns)
    return f"INDEX {compiler.preparer.quote(element.name)} ({columns})"


BigId = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit integer that the database may generate; SQLite generates numbers only for an INTEGER PRIMARY KEY."""


class _AutoIncrement(UserDefinedType[int]):
    """A 64-bit integer that MySQL and MariaDB generate: SQLAlchemy writes AUTO_INCREMENT only for a primary key."""

    cache_ok = True

    def get_col_spec(self, **kw: Any) -> str:
        return "BIGINT AUTO_INCREMENT"


GeneratedId = BigId.with_variant(_AutoIncrement(), "mysql", "mariadb")
"""The type, in revisions, of a number that the database generates; in the models it is `BigId`."""
