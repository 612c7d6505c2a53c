"""From a URL to an AsyncEngine: the database, its driver, its pool.

URLs are taken in any usual spelling; the driver in them is replaced by the async one that this package uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool

from .. import dialects
from ..dialects import Dialect, Limits
from ..errors import InvalidInput, InvalidURL, MissingDriver

DEFAULT_URL = "sqlite+aiosqlite:///data/platform.db"
"""The platform's own default: a file in the folder `data`, which is made when it is missing."""

NO_LIMITS = Limits()

_EXAMPLES = (
    "postgresql://user:password@host/database, mysql://…, mariadb://…, cockroachdb://… or sqlite:///path/to/file.db"
)


def parse(url: str | URL) -> tuple[URL, Dialect]:
    """The URL with its async driver, and the dialect; raises `InvalidURL`, which shows no password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Without its cause, which quotes the URL and so the password.
        raise InvalidURL(f"the database URL cannot be read: write it as {_EXAMPLES}") from None
    if parsed.host and "@" in f"{parsed.host}{parsed.database}":
        raise InvalidURL("the database URL has more than one @: write one in a password as %40, and / as %2F")
    scheme = parsed.drivername.partition("+")[0]
    dialect = dialects.named(scheme)
    if dialect is None:
        raise InvalidURL(f"no support for the database {scheme!r}: write the URL as {_EXAMPLES}")
    return dialect.url(parsed), dialect.variant(parsed)


def create(
    url: URL,
    dialect: Dialect,
    *,
    connect_timeout: float,
    connect_args: Mapping[str, Any] | None,
    options: Mapping[str, Any],
    limits: Limits = NO_LIMITS,
) -> AsyncEngine:
    """An engine for a parsed URL; nothing is connected yet. Raises `MissingDriver` or `InvalidURL`."""
    if dialect.needs_database_name and not url.database:
        # The server would choose one (PostgreSQL: of the user's name), and get our tables.
        raise InvalidURL(f"the URL of {dialect.where(url)} names no database: write it as {_EXAMPLES}")
    arguments = {**dialect.connect_args(connect_timeout), **(connect_args or {})}
    try:
        engine = create_async_engine(
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

    @event.listens_for(engine.sync_engine, "do_connect")
    def before_connect(_dialect: Any, _record: Any, _args: Any, _params: Any) -> None:
        dialect.on_create(url)

    @event.listens_for(engine.sync_engine, "connect")
    def after_connect(dbapi_connection: Any, _record: Any) -> None:
        dialect.on_connect(dbapi_connection)
        if (setting := dialect.limit_setting(limits)) is not None:
            dialect.driver.execute_setting(dbapi_connection, setting)

    return engine


def limits(dialect: Dialect, statement: float | None, lock: float | None, operation: float | None) -> Limits:
    """What the server is told; raises `InvalidInput` for what cannot be had.

    Where it is not said, a statement has a second more than its operation: what has been given up here ends there.
    """
    for name, seconds in {"statement_timeout": statement, "lock_timeout": lock}.items():
        if seconds is not None and name in dialect.unsupported_limits:
            raise InvalidInput(name, dialect.unsupported_limits[name])
    if statement is None and operation is not None:
        statement = operation + 1
    return Limits(statement, lock)


def check_options(options: Mapping[str, Any], connect_timeout: float, **limits: float | None) -> None:
    """Refuse numbers of a pool that SQLAlchemy would stumble over, or take for none: raises `InvalidInput`."""
    for name, least in {"pool_size": 0, "max_overflow": -1, "pool_recycle": -1}.items():
        value = options[name]
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise InvalidInput(name, f"must be a whole number from {least} up, not {value!r}")
    for name, seconds in {"pool_timeout": options["pool_timeout"], "connect_timeout": connect_timeout}.items():
        if not _is_number(seconds) or not seconds >= 0:
            raise InvalidInput(name, f"must be a number of seconds, not {seconds!r}")
    for name, limit in limits.items():
        if limit is not None and (not _is_number(limit) or not limit > 0):
            raise InvalidInput(name, f"must be a number of seconds above 0, or None, not {limit!r}")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def dialect_of(engine: AsyncEngine) -> Dialect:
    """The dialect of an engine that somebody else made; raises `InvalidInput` for one that would lose writes."""
    if not isinstance(engine, AsyncEngine):
        raise InvalidInput("engine", f"must be an AsyncEngine, not {type(engine).__name__}: create_async_engine")
    if isinstance(engine.pool, StaticPool):
        reason = "shares one connection between tasks and loses their writes: poolclass=AsyncAdaptedQueuePool"
        raise InvalidInput("engine", f"its StaticPool {reason}, pool_size=1, max_overflow=0")
    dialect = dialects.named(engine.dialect.name)
    if dialect is None:
        raise InvalidURL(f"no support for an engine of {engine.dialect.name!r}: make it for {_EXAMPLES}")
    return dialect


_SECRETS = ("pass", "pwd", "secret", "token", "key", "dsn")
"""Parts of the names of options, such as aiomysql's `passwd`, whose values are not for everybody."""


def password_free(url: URL) -> str:
    """A URL for people to read: no password, and no secret in its options."""
    secrets = [name for name in url.query if any(word in name.lower() for word in _SECRETS)]
    return url.difference_update_query(secrets).render_as_string(hide_password=True)
