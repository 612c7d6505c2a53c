"""Make an AsyncEngine from a URL and a store's options.

A URL may have any usual spelling; its driver is replaced by the async driver that this package uses.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import sqlalchemy
from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import StaticPool

from .. import async_engine, dialects
from ..async_engine import AnyEngine, AsyncEngine
from ..dialects import Dialect, Limits
from ..drivers import hosts
from ..drivers.options import is_secret
from ..errors import InvalidInput, InvalidURL, MissingDriver
from . import private_api
from .pools import KeepingPool

DEFAULT_URL = "sqlite+aiosqlite:///data/platform.db"
"""The platform's own default: a SQLite file in the folder `data`, which is created if it is missing."""

URL_SETTING = "AGENTOMATIC_SQL_URL"
"""The environment variable with the URL of the database, for stores and commands that are given none."""

CONNECT_SECONDS = 10.0
"""How long a connect may take if neither the caller nor the URL says it."""

NO_LIMITS = Limits()

_DEFAULT = "the default"

_TORN_OPTION = re.compile(r"[^/?@]*://[^/?@:]*:\d+[^/?@]*(?:/[^?@]*)?\?[^@]*=[^@]*@")
"""The beginning of a URL with a port, in which an @ in an option is taken for the end of a password."""

_EXAMPLES = (
    "postgresql://user:password@host/database, mysql://…, mariadb://…, cockroachdb://… or sqlite:///path/to/file.db"
)


class SecretUrl(Protocol):
    """A URL that is kept from being shown, such as pydantic's `SecretStr`."""

    def get_secret_value(self) -> Any: ...


class UrlObject(Protocol):
    """A URL of another library that is its text as a string, such as pydantic's `PostgresDsn`."""

    @property
    def scheme(self) -> str | None: ...


class Times(NamedTuple):
    """A store's time limits, in seconds."""

    operation_timeout: float | None
    statement_timeout: float | None
    lock_timeout: float | None


DatabaseUrl = str | URL | SecretUrl | UrlObject
"""The types of the URL of a database."""


class Choice(NamedTuple):
    """The URL of a database, and where it comes from."""

    url: DatabaseUrl
    source: str
    """For messages: "the URL given", the environment variable, or "the default"."""

    @property
    def is_default(self) -> bool:
        """Return whether the database is the default, because nobody has named one."""
        return self.source == _DEFAULT


def choose(url: DatabaseUrl | None) -> Choice:
    """Choose a database: the URL that is given, else the one in AGENTOMATIC_SQL_URL, else the default file."""
    if url is not None:
        return Choice(url, "the URL given")
    setting = os.environ.get(URL_SETTING)
    return Choice(setting, URL_SETTING) if setting else Choice(DEFAULT_URL, _DEFAULT)


def parse(url: DatabaseUrl) -> tuple[URL, Dialect]:
    """Return a URL with its async driver, and the dialect; raises `InvalidURL`, which never shows a password."""
    plain: Any = url
    while hasattr(plain, "get_secret_value"):
        plain = plain.get_secret_value()
    try:
        text = "" if isinstance(plain, URL) else _with_one_host(str(plain))
    except ValueError as error:
        raise InvalidURL(f"the database URL is not valid: {error}") from error
    try:
        parsed = plain if isinstance(plain, URL) else make_url(text)
    except (ArgumentError, ValueError):
        # Without the cause, because it quotes the URL and so the password.
        raise InvalidURL(f"the database URL is not valid: write it as {_EXAMPLES}") from None
    cure = "in a password or an option, write @ as %40 and / as %2F"
    if _TORN_OPTION.match(text):
        raise InvalidURL(f"the database URL has an @ in an option: {cure}")
    if parsed.host and (
        "@" in f"{parsed.host}{parsed.database}" or (not parsed.database and str(plain).count("@") > 1)
    ):
        raise InvalidURL(f"the database URL has more than one @: {cure}")
    scheme = parsed.drivername.partition("+")[0]
    dialect = dialects.named(scheme)
    if dialect is None:
        raise InvalidURL(f"the database {scheme!r} is not supported: write the URL as {_EXAMPLES}")
    return dialect.url(parsed), dialect.variant(parsed)


def _with_one_host(url: str) -> str:
    """Return a URL's text as SQLAlchemy reads it, also if it has several hosts."""
    dialect = dialects.named(url.partition("://")[0].partition("+")[0])
    return url if dialect is None or dialect.default_port is None else hosts.in_query(url)


def make(
    url: DatabaseUrl,
    *,
    times: Times,
    connect_timeout: float | None,
    connect_args: Mapping[str, Any] | None,
    options: Mapping[str, Any],
    among_several: str | None = None,
) -> tuple[AsyncEngine, Dialect]:
    """Make an engine for a URL, as `create` does, whose connections have a store's limits; return its dialect, too.

    `among_several` is the `target_session_attrs` for a URL with several hosts that does not say it.
    """
    parsed, dialect = parse(url)
    if among_several is not None and dialect.hosts(parsed) and "target_session_attrs" not in parsed.query:
        parsed = parsed.update_query_dict({"target_session_attrs": among_several})
    given = {**parsed.query, **(connect_args or {})}
    limited = limits(dialect, times.statement_timeout, times.lock_timeout, times.operation_timeout, given=given)
    engine = create(
        parsed, dialect, connect_timeout=connect_timeout, connect_args=connect_args, options=options, limits=limited
    )
    return engine, dialect


def create(
    url: URL,
    dialect: Dialect,
    *,
    connect_timeout: float | None = None,
    connect_args: Mapping[str, Any] | None = None,
    options: Mapping[str, Any],
    limits: Limits = NO_LIMITS,
) -> AsyncEngine:
    """Make an engine for a parsed URL, without connecting.

    Args:
        url: The URL, from `parse`.
        dialect: Its dialect.
        connect_timeout: Seconds that a connect may take, 0 or less is no limit; None is the URL's `connect_timeout`, or
            `CONNECT_SECONDS`.
        connect_args: Arguments for the driver's connect, which replace the dialect's.
        options: Options for `create_engine`, such as `pool_size`.
        limits: Time limits that each new connection sets.

    Raises:
        InvalidInput: The driver cannot use one of the `connect_args`.
        MissingDriver: The driver is not installed. The message names the extra to install.
        InvalidURL: The URL has no database name, or its options are not valid.
    """
    if dialect.needs_database_name and not url.database:
        # The server would choose a database (PostgreSQL: one with the user's name) and get our tables.
        raise InvalidURL(f"the URL of {dialect.where(url)} has no database name: write it as {_EXAMPLES}")
    defaults = dialect.connect_args(_seconds(url, connect_timeout))
    url = url.difference_update_query(["connect_timeout"])
    given = _arguments(dialect, connect_args or {})
    arguments = {name: value for name, value in defaults.items() if name not in url.query} | given
    try:
        made = sqlalchemy.create_engine(  # looked up now: an instrumentation may have replaced it
            url,
            connect_args=arguments,
            hide_parameters=True,  # an error in a log must not carry a customer's conversation
            **dialect.engine_options(url, {"poolclass": KeepingPool, **options}),
        )
    except NoSuchModuleError as error:
        raise MissingDriver(f"for {dialect.name}", dialect.extra) from error
    except ModuleNotFoundError as error:
        raise MissingDriver(error.name or dialect.driver.name, dialect.extra) from error
    except (ArgumentError, ValueError) as error:
        raise InvalidURL(f"{dialect.where(url)} cannot be used: {error}") from error

    engine = AsyncEngine(made)
    watch(engine, dialect)

    @event.listens_for(made, "do_connect")
    def before_connect(_dialect: Any, _record: Any, _args: Any, _params: Any) -> None:
        dialect.on_create(url)

    @event.listens_for(made, "connect")
    def after_connect(dbapi_connection: Any, _record: Any) -> None:
        dialect.on_connect(dbapi_connection)
        if (setting := dialect.limit_setting(limits)) is not None:
            dialect.driver.execute_setting(dbapi_connection, setting)

    return engine


def watch(engine: AsyncEngine, dialect: Dialect) -> None:
    """Check each new connection of an engine, also of one that the caller made."""
    check = dialect.driver.after_connect
    if not event.contains(engine.sync_engine, "connect", check):  # another store may use the engine
        event.listen(engine.sync_engine, "connect", check, insert=True)
        event.listen(engine.sync_engine, "connect", private_api.stamp)


def _seconds(url: URL, given: float | None) -> float | None:
    """Return the limit of a connect in seconds: the caller's, the URL's, or the default; None if there is none.

    As with libpq, 0 or less is no limit; asyncpg and aiomysql would give up at once.
    """
    named = url.query.get("connect_timeout")
    if given is None:
        given = CONNECT_SECONDS if named is None else float(str(named))
    return given if given > 0 else None


def _arguments(dialect: Dialect, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the caller's arguments for the driver; raises `InvalidInput` for one that it cannot use."""
    # A function of the caller's that connects takes whatever it likes.
    if "async_creator_fn" not in given and (objection := dialect.driver.options.objection(given)):
        raise InvalidInput("connect_args", objection)
    return dict(given)


def limits(
    dialect: Dialect,
    statement: float | None,
    lock: float | None,
    operation: float | None,
    *,
    given: Mapping[str, Any],
) -> Limits:
    """Return the limits for the server, in seconds; raises `InvalidInput` for a limit that the database lacks.

    Without a limit for statements, it is the operation's and a second more, so that the server also ends a statement
    after its operation was given up; unless the URL's options or the caller's connect arguments (`given`) set one.
    """
    for name, seconds in {"statement_timeout": statement, "lock_timeout": lock}.items():
        if seconds is not None and name in dialect.unsupported_limits:
            raise InvalidInput(name, dialect.unsupported_limits[name])
    if statement is None and operation is not None and not dialect.limits_statements(given):
        statement = operation + 1
    return Limits(statement, lock)


def check_options(
    options: Mapping[str, Any],
    connect_timeout: float | None,
    connect_args: Mapping[str, Any] | None,
    max_waiting: int | None,
    **limits: float | None,
) -> None:
    """Check a pool's numbers and the time limits (in seconds), which SQLAlchemy would not; raises `InvalidInput`."""
    if connect_args is not None and not isinstance(connect_args, Mapping):
        raise InvalidInput("connect_args", f"must be a mapping of names to values, not {type(connect_args).__name__}")
    if max_waiting is not None and (type(max_waiting) is not int or max_waiting < 1):
        raise InvalidInput("max_waiting", f"must be a whole number, 1 or more, or None, not {max_waiting!r}")
    for name, minimum in {"pool_size": 0, "max_overflow": -1, "pool_recycle": -1}.items():
        _check_whole(name, options[name], minimum)
    if not _is_number(options["pool_timeout"]) or not options["pool_timeout"] >= 0:
        raise InvalidInput("pool_timeout", f"must be a number of seconds, 0 or more, not {options['pool_timeout']!r}")
    if connect_timeout is not None and not _is_number(connect_timeout):
        raise InvalidInput("connect_timeout", f"must be a number of seconds, or None, not {connect_timeout!r}")
    for name, limit in {"pool_idle": options["pool_idle"], **limits}.items():
        if limit is not None and (not _is_number(limit) or not limit > 0):
            raise InvalidInput(name, f"must be more than 0 seconds, or None, not {limit!r}")


def each(urls: DatabaseUrl | Sequence[DatabaseUrl]) -> list[DatabaseUrl]:
    """Return one URL, or several, as a list; raises `InvalidInput` if it is empty."""
    several = isinstance(urls, (list, tuple)) and not isinstance(urls, URL)  # which is a tuple
    found: list[Any] = list(urls) if several else [urls]  # type: ignore[arg-type] # mypy does not see it
    if not found:
        raise InvalidInput("read_url", "is an empty list: leave it out to read on the primary")
    return found


def for_reading(options: Mapping[str, Any], pool_size: int | None, max_lag: float) -> Mapping[str, Any]:
    """Return the options of a replica's engine; its pool has the primary's size if no other is given."""
    if not _is_number(max_lag) or not max_lag > 0:
        raise InvalidInput("read_max_lag", f"must be more than 0 seconds, not {max_lag!r}")
    if pool_size is None:
        return options
    _check_whole("read_pool_size", pool_size, 0)
    return {**options, "pool_size": pool_size}


def _check_whole(name: str, value: Any, minimum: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < minimum:
        raise InvalidInput(name, f"must be a whole number, {minimum} or more, not {value!r}")


def check_schema_name(schema: object, most: int) -> None:
    """Raise `InvalidInput` for a name that no schema can have; PostgreSQL would cut off what is too long."""
    try:
        size = len(schema.encode()) if isinstance(schema, str) and "\0" not in schema else 0
    except UnicodeEncodeError:
        size = 0
    if not 0 < size <= most:
        raise InvalidInput("schema", f"must be a name, of at most {most} bytes")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def given(engine: AnyEngine) -> tuple[AsyncEngine, Dialect]:
    """Return an engine that the caller made, and its dialect.

    Raises:
        InvalidInput: It is not an `AsyncEngine`, has another driver, or a `StaticPool`, which loses concurrent writes.
        InvalidURL: Its database is not supported.
    """
    from sqlalchemy.ext import asyncio as sqlalchemy_asyncio  # it imports the ORM; who made such an engine has done so

    if not isinstance(engine, sqlalchemy_asyncio.AsyncEngine):
        raise InvalidInput(
            "engine", f"must be an AsyncEngine, not {type(engine).__name__}: make it with create_async_engine"
        )
    if isinstance(engine.pool, StaticPool):
        cure = "make it with poolclass=AsyncAdaptedQueuePool, pool_size=1, max_overflow=0"
        raise InvalidInput("engine", f"its StaticPool shares a connection between tasks and loses their writes: {cure}")
    dialect = dialects.named(engine.dialect.name)
    if dialect is None:
        raise InvalidURL(f"an engine for {engine.dialect.name!r} is not supported: make it for {_EXAMPLES}")
    if engine.dialect.driver != dialect.driver.name:
        right = f"{engine.dialect.name}+{dialect.driver.name}://"
        raise InvalidInput("engine", f"uses the driver {engine.dialect.driver}, the store needs {right}…")
    return async_engine.of(engine), dialect


def password_free(url: URL) -> str:
    """Return a URL to show to people: its password is hidden, and options with secrets are removed."""
    secrets = [name for name in url.query if is_secret(name)]
    return hosts.text(url.difference_update_query(secrets), hide_password=True)
