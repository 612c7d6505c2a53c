"""The column types, one for each kind of value, the same meaning on every database.

Values that come through here have been checked (`inputs.py`); JSON columns hold text that is JSON already.
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

from ..escaping import MARK, RESERVED, Plain, escape, guard, unescape
from ..jsontext import dump

ID_LENGTH = 255
MYSQL_COLLATION = "utf8mb4_0900_bin"
MARIADB_COLLATION = "utf8mb4_nopad_bin"


class Id(UserDefinedType[str]):
    """An id: at most 255 characters, compared and ordered by code point, trailing blanks counting.

    The server's own collation would order by language (PostgreSQL) or ignore case, accents and trailing
    blanks (MySQL); MySQL and MariaDB have each their own name for the collation that ignores nothing.
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
    return f"VARCHAR({ID_LENGTH})"  # compared by bytes as it is


@compiles(Id, "mysql")
@compiles(Id, "mariadb")
def _id_mysql(element: Id, compiler: Any, **kw: Any) -> str:
    # By the server where there is one: a mysql:// URL may lead to MariaDB.
    collation = MARIADB_COLLATION if compiler.dialect.is_mariadb else MYSQL_COLLATION
    return f"VARCHAR({ID_LENGTH}) CHARACTER SET utf8mb4 COLLATE {collation}"


def _long_text() -> TypeEngine[str]:
    # MySQL's TEXT ends at 64 KiB, and without strict mode it cuts what is longer.
    long = mysql.LONGTEXT(charset="utf8mb4", collation="utf8mb4_bin")
    return Text().with_variant(long, "mysql", "mariadb")


class JsonText(TypeDecorator[str]):
    """JSON as the text that was made of it: no database's own JSON type keeps every value exactly.

    MySQL's sorts keys and refuses lone surrogates; PostgreSQL's jsonb sorts keys and refuses U+0000.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(_long_text())


class ExactText(TypeDecorator[str]):
    """Text that comes back as it went in, U+0000 and lone surrogates too.

    PostgreSQL refuses U+0000 and no driver can encode a lone surrogate; `exact.py` says how they are kept.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(_long_text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return _escaped(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return _unescaped(value)

    # At once: what a TypeDecorator makes of the methods above is three calls a value.

    def bind_processor(self, dialect: Dialect) -> Any:
        return _escaped

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        return _unescaped


def _escaped(value: str | None) -> str | None:
    return None if value is None else guard(escape(value))


def _unescaped(value: str | None) -> str | None:
    if value is None or MARK not in value:
        return value
    text = unescape(value)
    return Plain(text) if text.startswith(RESERVED) else text


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
"""Bytes of any length, as they are."""

Digest = String(32).with_variant(mysql.CHAR(32, charset="ascii", collation="ascii_bin"), "mysql", "mariadb")
"""The digest that stands for a key of any length: 16 bytes as hexadecimal digits."""


class JsonRows(UserDefinedType[Any]):
    """Rows of these kinds as one JSON text: a list of lists."""

    cache_ok = True

    def __init__(self, kinds: tuple[TypeEngine[Any], ...]) -> None:  # SQLAlchemy makes copies by these names
        self.kinds = kinds

    def bind_processor(self, dialect: Dialect) -> Any:
        makers = [kind.dialect_impl(dialect).bind_processor(dialect) for kind in self.kinds]
        made = [(place, make) for place, make in enumerate(makers) if make is not None]

        def process(rows: Iterable[Sequence[Any]]) -> str:
            values = [list(row) for row in rows]
            for place, make in made:
                for row in values:
                    row[place] = make(row[place])
            return dump(values)

        return process


class JsonTable(FunctionElement[Any]):
    """A JSON text, a list of lists, as rows: MySQL's `JSON_TABLE`."""

    inherit_cache = False

    def __init__(self, text: ColumnElement[str], **columns: TypeEngine[Any]) -> None:
        self.kinds = columns
        super().__init__(text)

    def named(self, name: str) -> TableValuedAlias:
        """The rows as a table of this name."""
        return self.table_valued(*(column(one, kind) for one, kind in self.kinds.items()), name=name)


@compiles(JsonTable)
def _json_table(element: JsonTable, compiler: Any, **kw: Any) -> str:
    text = compiler.process(element.clauses, **kw)
    kinds = [(name, compiler.dialect.type_compiler_instance.process(kind)) for name, kind in element.kinds.items()]
    columns = [f"`{name}` {kind} PATH '$[{place}]'" for place, (name, kind) in enumerate(kinds)]
    return f"JSON_TABLE({text}, '$[*]' COLUMNS ({', '.join(columns)}))"


class UtcTime(TypeDecorator[datetime]):
    """A time in UTC to the microsecond; in and out as an aware datetime.

    timestamptz on PostgreSQL and CockroachDB; DATETIME(6) on MySQL, whose TIMESTAMP ends in 2038 and follows
    the session's time zone; text of fixed width on SQLite, which has no type for it.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind = DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
        return dialect.type_descriptor(kind)

    def bind_processor(self, dialect: Dialect) -> Any:
        return _WRITE.get(dialect.name, _aware)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _in_utc(value)


def _in_utc(value: datetime) -> datetime:
    """Return a time that a driver has read, in UTC.

    A time without a zone is UTC. asyncpg returns `infinity` so, as which it stores `datetime.max`.
    """
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value if value.tzinfo is UTC else value.astimezone(UTC)


def _aware(value: datetime | None) -> datetime | None:
    return value if value is None or value.tzinfo is UTC else value.astimezone(UTC)


def _naive(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC).replace(tzinfo=None)


def _text(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat(" ", "microseconds")[:-_OFFSET]


_OFFSET = len("+00:00")
_WRITE = {"sqlite": _text, "mysql": _naive, "mariadb": _naive}
_AWARE = ("postgresql", "cockroachdb")


class IsoTime(UtcTime):
    """The same, read as records carry it: ISO-8601 text in UTC, to the microsecond."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        return _READ_ISO.get(dialect.name, _iso_of_naive)


def _iso_of_aware(value: datetime | None) -> str | None:
    return None if value is None else _in_utc(value).isoformat(timespec="microseconds")


def _iso_of_naive(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat(timespec="microseconds") + "+00:00"


def _iso_of_text(value: str | None) -> str | None:
    return None if value is None else f"{value[:10]}T{value[11:]}+00:00"  # SQLite's has a blank in between


_READ_ISO = {"sqlite": _iso_of_text, **dict.fromkeys(_AWARE, _iso_of_aware)}


def for_record(table: Table, names: Iterable[str] | None = None) -> list[ColumnElement[Any]]:
    """A table's columns, all or these, as a record is made of them: times as ISO text."""
    columns = table.columns if names is None else [table.c[name] for name in names]
    return [
        type_coerce(column, IsoTime()).label(column.name) if isinstance(column.type, UtcTime) else column
        for column in columns
    ]


NEVER_REUSED = {"sqlite_autoincrement": True}
"""For tables with a number as key: SQLite would give the highest again once its row is deleted."""

BigId = BigInteger().with_variant(Integer(), "sqlite")
"""A number that the database gives; SQLite counts up by itself only in an INTEGER PRIMARY KEY."""
