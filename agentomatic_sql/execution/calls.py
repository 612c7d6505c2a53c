"""One run of an operation: its context and arguments, and who is told when it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from ..async_engine import AsyncConnection
from ..context import Context
from ..operations import Operation
from ..statements import Steps
from .batching import Sending

_R = TypeVar("_R")


class _Unwanted(Exception):
    """An operation is not sent, because the callers that waited for it have gone; nobody sees this error."""


def _told(sending: Sending, steps: Steps[_R]) -> Steps[_R]:
    """Run an operation, and tell at its first step that it is sent: the connection is there, the transaction begun."""
    if not sending():
        raise _Unwanted
    return (yield from steps)


class Call(NamedTuple):
    """An operation with its context and arguments."""

    operation: Operation[Any, Any]
    context: Context
    args: Sequence[Any]
    kwargs: Mapping[str, Any] = {}
    sending: Sending | None = None
    """Told when the operation is sent, if it changes something."""

    def steps(self) -> Steps[Any]:
        """Begin the operation, which is a generator of statements."""
        steps: Steps[Any] = self.operation.function(self.context, *self.args, **self.kwargs)
        return steps if self.sending is None or not self.operation.changes else _told(self.sending, steps)

    async def on(self, connection: AsyncConnection) -> Any:
        """Run the operation, which is a coroutine, on a connection."""
        if self.sending is not None and self.operation.changes:
            self.sending()
        return await self.operation.function(connection, self.context, *self.args, **self.kwargs)
