"""Make an AsyncEngine from a URL and a store's options.

A URL may have any usual spelling; its driver is replaced by the async driver that this package uses.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.ext import asyncio as sqlalchemy_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import StaticPool

from .. import dialects
from ..dialects import Dialect, Limits
from ..errors import InvalidInput, InvalidURL, MissingDriver

DEFAULT_URL = "sqlite+aiosqlite:///data/platform.db"
"""The platform's own default: a SQLite file in the folder `data`, which is created if it is missing."""

URL_SETTING = "AGENTOMATIC_SQL_URL"
"""The environment variable with the URL of the database, for stores and commands that are given none."""

CONNECT_SECONDS = 10.0
"""How long a connect may take if neither the caller nor the URL says it."""

NO_LIMITS = Limits()

_DEFAULT = "the default"

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
        parsed = make_url(plain if isinstance(plain, URL) else str(plain))
    except (ArgumentError, ValueError):
        # Without the cause, because it quotes the URL and so the password.
        raise InvalidURL(f"the database URL is not valid: write it as {_EXAMPLES}") from None
    if parsed.host and "@" in f"{parsed.host}{parsed.database}":
        raise InvalidURL("the database URL has more than one @: in a password, write @ as %40 and / as %2F")
    scheme = parsed.drivername.partition("+")[0]
    dialect = dialects.named(scheme)
    if dialect is None:
        raise InvalidURL(f"the database {scheme!r} is not supported: write the URL as {_EXAMPLES}")
    return dialect.url(parsed), dialect.variant(parsed)


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
        connect_timeout: Seconds that a connect may take; None is the URL's `connect_timeout`, or `CONNECT_SECONDS`.
        connect_args: Arguments for the driver's connect, which replace the dialect's.
        options: Options for `create_async_engine`, such as `pool_size`.
        limits: Time limits that each new connection sets.

    Raises:
        MissingDriver: The driver is not installed. The message names the extra to install.
        InvalidURL: The URL has no database name, or its options are not valid.
    """
    if dialect.needs_database_name and not url.database:
        # The server would choose a database (PostgreSQL: one with the user's name) and get our tables.
        raise InvalidURL(f"the URL of {dialect.where(url)} has no database name: write it as {_EXAMPLES}")
    defaults = dialect.connect_args(_seconds(url, dialect, connect_timeout))
    url = url.difference_update_query(["connect_timeout"])
    arguments = {name: value for name, value in defaults.items() if name not in url.query} | dict(connect_args or {})
    try:
        engine = sqlalchemy_asyncio.create_async_engine(  # looked up now: an instrumentation may have replaced it
            url,
            connect_args=arguments,
            hide_parameters=True,  # an error in a log must not carry a customer's conversation
            **dialect.engine_options(url, options),
        )
    except NoSuchModuleError as error:
        raise MissingDriver(f"for {dialect.name}", dialect.extra) from error
    except ModuleNotFoundError as error:
        raise MissingDriver(error.name or dialect.driver.name, dialect.extra) from error
    except (ArgumentError, ValueError) as error:
        raise InvalidURL(f"{dialect.where(url)} cannot be used: {error}") from error

    watch(engine, dialect)

    @event.listens_for(engine.sync_engine, "do_connect")
    def before_connect(_dialect: Any, _record: Any, _args: Any, _params: Any) -> None:
        dialect.on_create(url)

    @event.listens_for(engine.sync_engine, "connect")
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


def _seconds(url: URL, dialect: Dialect, given: float | None) -> float | None:
    """Return the limit of a connect in seconds: the caller's, the URL's, or the default; None if there is none."""
    named = url.query.get("connect_timeout")
    if given is not None or named is None:
        return CONNECT_SECONDS if given is None else given
    try:
        return max(0.0, float(str(named))) or None  # as with libpq, 0 or less waits without limit
    except ValueError as error:
        raise InvalidURL(f"{dialect.where(url)}: connect_timeout={named}: it must be a number") from error


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
    options: Mapping[str, Any], connect_timeout: float | None, max_waiting: int | None, **limits: float | None
) -> None:
    """Check a pool's numbers and the time limits (in seconds), which SQLAlchemy would not; raises `InvalidInput`."""
    if max_waiting is not None and (type(max_waiting) is not int or max_waiting < 1):
        raise InvalidInput("max_waiting", f"must be a whole number, 1 or more, or None, not {max_waiting!r}")
    for name, minimum in {"pool_size": 0, "max_overflow": -1, "pool_recycle": -1}.items():
        value = options[name]
        if not isinstance(value, int) or isinstance(value, bool) or value < minimum:
            raise InvalidInput(name, f"must be a whole number, {minimum} or more, not {value!r}")
    connect_seconds = CONNECT_SECONDS if connect_timeout is None else connect_timeout
    for name, seconds in {"pool_timeout": options["pool_timeout"], "connect_timeout": connect_seconds}.items():
        if not _is_number(seconds) or not seconds >= 0:
            raise InvalidInput(name, f"must be a number of seconds, 0 or more, not {seconds!r}")
    for name, limit in limits.items():
        if limit is not None and (not _is_number(limit) or not limit > 0):
            raise InvalidInput(name, f"must be more than 0 seconds, or None, not {limit!r}")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def dialect_of(engine: AsyncEngine) -> Dialect:
    """Return the dialect of an engine that the caller made.

    Raises:
        InvalidInput: It is not an `AsyncEngine`, has another driver, or a `StaticPool`, which loses concurrent writes.
        InvalidURL: Its database is not supported.
    """
    if not isinstance(engine, AsyncEngine):
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
    return dialect


_SECRETS = ("pass", "pwd", "secret", "token", "key", "dsn")
"""Parts of the names of URL options with secret values, such as aiomysql's `passwd`."""


def password_free(url: URL) -> str:
    """Return a URL to show to people: its password is hidden, and options with secrets are removed."""
    secrets = [name for name in url.query if any(word in name.lower() for word in _SECRETS)]
    return url.difference_update_query(secrets).render_as_string(hide_password=True)
