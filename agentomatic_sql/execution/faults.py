"""Tell the errors of connections apart: the connection was lost, the server refused, the database is not available."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as SQLAlchemyTimeout

from ..async_engine import AsyncEngine
from ..dialects import Dialect
from ..errors import InvalidURL, PoolTimeout, StoreError, StoreUnavailable
from . import pools, private_api


class ConnectionLost(Exception):
    """A connection was lost while an operation ran on it; the cause is the driver's error.

    before_commit: True if the commit had not been sent; False if that is not known.
    """

    def __init__(self, *, before_commit: bool) -> None:
        super().__init__("the connection was lost")
        self.before_commit = before_commit


class ServerRefused(Exception):
    """A server refused because it is read-only, starting up or shutting down; the cause is the driver's error.

    Nothing was stored. The connections of that age are replaced, and the next may lead to another server.
    """

    def __init__(self, error: BaseException) -> None:
        super().__init__("the server refused")
        self.error = error


class Faults:
    """Tells what an error of an engine's connections means."""

    def __init__(self, engine: AsyncEngine, dialect: Dialect) -> None:
        self._engine = engine
        self._dialect = dialect
        self._driver = dialect.driver
        self.url = dialect.absolute(engine.url)
        self.where = dialect.where(self.url)
        """The database, for error messages."""
        # SQLAlchemy's own errors, and those that drivers raise past it, mostly while they connect.
        self.failures: tuple[type[BaseException], ...] = (DBAPIError, OSError, *self._driver.errors())

        self.refusal: str | None = None
        """Why the last connect was refused by what the server is; None after one that was not."""

    @contextmanager
    def unavailable(self) -> Iterator[None]:
        """Translate the errors of making a connection or taking it from the pool; all of them, whatever they are."""
        try:
            yield
            self.refusal = None
        except StoreError:
            raise
        except SQLAlchemyTimeout as error:
            raise self.exhausted() from error
        except Exception as error:
            failed = isinstance(error, self.failures)
            if failed and (self.is_refused(error) or self._driver.is_hung_up(self._driver.original(error))):
                self.refusal = self.why(error)
                raise ServerRefused(error) from error
            if isinstance(error, UnicodeEncodeError):  # it has the value, which may be the password
                reason = f"a value has a character that {error.encoding} does not have"
                raise InvalidURL(f"{self.where} cannot be connected to with these options: {reason}") from None
            # The error of a refused certificate is a ValueError and an OSError.
            if isinstance(error, (TypeError, ValueError)) and not isinstance(error, OSError):
                # of the driver's connect(): an option in the URL, or its value
                raise InvalidURL(f"{self.where} cannot be connected to with these options: {error}") from error
            if failed and self._dialect.is_transient(error):
                raise
            # Perhaps of the caller's function for a password, or SQLAlchemy's about a server's version.
            raise StoreUnavailable(self.where, self.why(error)) from error

    def why(self, error: BaseException) -> str:
        """Return the reason for an error, with advice if there is any."""
        reason = _reason(self._driver.original(error))
        hint = self._dialect.hint(error, self.url)
        return reason if hint is None else f"{reason}; {hint}"

    def exhausted(self) -> PoolTimeout:
        """Return the error for a pool whose connections are all in use."""
        pool: Any = self._engine.pool
        kept, most = pools.size(pool) or 0, private_api.max_connections(pool)
        return PoolTimeout(self.where, kept, -1 if math.isinf(most) else int(most) - kept, pool.timeout())

    def is_lost(self, error: BaseException) -> bool:
        """Return whether an error means that its connection was lost."""
        if isinstance(error, StoreError):  # some are OSErrors, too, and say what they mean themselves
            return False
        if isinstance(error, DBAPIError):
            return error.connection_invalidated or self._driver.is_lost(self._driver.original(error))
        return isinstance(error, OSError) or (isinstance(error, self.failures) and self._driver.is_lost(error))

    def is_refused(self, error: BaseException) -> bool:
        """Return whether the server is why an error came, not the statement: see `ServerRefused`."""
        return self._driver.is_refusal(self._driver.original(error))


def _reason(original: BaseException) -> str:
    """Return the message of a driver's error in one line.

    The operating system's message is added: drivers may have the same words for a refused connection and a refused
    certificate.
    """
    system = next((cause for cause in _causes(original) if isinstance(cause, OSError)), None)
    return _line(original) if system is None else f"{_line(original)}: {_line(system)}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause = error.__cause__
    while cause is not None:
        yield cause
        cause = cause.__cause__


def _line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
