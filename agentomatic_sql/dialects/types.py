"""The column types: one for each kind of value, with the same meaning on every database.

`inputs.py` has checked the values before they get here; JSON columns are given JSON text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
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
from sqlalchemy.dialects import mysql
from sqlalchemy.ext.compiler import compiles
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


def _long_text() -> TypeEngine[str]:
    # MySQL's TEXT ends at 64 KiB; without strict mode a longer text is cut.
    long = mysql.LONGTEXT(charset="utf8mb4", collation="utf8mb4_bin")
    return Text().with_variant(long, "mysql", "mariadb")


class JsonText(TypeDecorator[str]):
    """JSON, stored as text, because no database's own JSON type keeps every value exactly.

    MySQL's type sorts keys and refuses lone surrogates; PostgreSQL's jsonb sorts keys and refuses U+0000.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(_long_text())


class ExactText(TypeDecorator[str]):
    """Text of any length that is read exactly as it was stored, U+0000 and lone surrogates too.

    PostgreSQL refuses U+0000 and no driver can encode a lone surrogate; `escaping.py` explains how they are stored.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(_long_text())

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

Digest = String(32).with_variant(mysql.CHAR(32, charset="ascii", collation="ascii_bin"), "mysql", "mariadb")
"""A digest, used as the key of a text of any length: 16 bytes as hexadecimal digits."""


class JsonRows(UserDefinedType[Any]):
    """A parameter with several rows as one JSON text, a list of lists; `kinds` are the types of the columns."""

    cache_ok = True

    def __init__(
        self, kinds: tuple[TypeEngine[Any], ...]
    ) -> None:  # an attribute of each argument's name: copies need it
        self.kinds = kinds

    def bind_processor(self, dialect: Dialect) -> Any:
        makers = [kind.dialect_impl(dialect).bind_processor(dialect) for kind in self.kinds]
        converters = [(number, make) for number, make in enumerate(makers) if make is not None]

        def process(rows: Iterable[Sequence[Any]]) -> str:
            values = [list(row) for row in rows]
            for number, make in converters:
                for row in values:
                    row[number] = make(row[number])
            return dump(values)

        return process


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


class UtcTime(TypeDecorator[datetime]):
    """A time in UTC to the microsecond, as an aware datetime.

    It is stored as timestamptz on PostgreSQL and CockroachDB, as DATETIME(6) on MySQL and MariaDB (whose TIMESTAMP ends
    in 2038 and depends on the session's time zone), and as text of fixed width on SQLite, which has no type for times.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind = DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
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
    return None if value is None else value.astimezone(UTC).isoformat(" ", "microseconds")[:-_OFFSET]


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

BigId = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit integer that the database may generate; SQLite generates numbers only for an INTEGER PRIMARY KEY."""


class _AutoIncrement(UserDefinedType[int]):
    """A 64-bit integer that MySQL and MariaDB generate: SQLAlchemy writes AUTO_INCREMENT only for a primary key."""

    cache_ok = True

    def get_col_spec(self, **kw: Any) -> str:
        return "BIGINT AUTO_INCREMENT"


GeneratedId = BigId.with_variant(_AutoIncrement(), "mysql", "mariadb")
"""The type, in revisions, of a number that the database generates; in the models it is `BigId`."""
