"""Writes to a thread: each names the thread's epoch, and runs again if the thread has another one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ..context import Context
from ..database import Runner
from ..entities import threads
from ..execution.deadlines import Deadline
from ..execution.event_loops import PerLoop
from ..statements import Fenced
from ..tokens import Attempts, Known

_R = TypeVar("_R")
_Looks = dict[str, "asyncio.Future[Known | None]"]


class Writes:
    """Runs writes with the epochs that this process remembers, and reads those that it does not know."""

    def __init__(self, database: Runner, context: Context) -> None:
        self._database = database
        self._context = context
        self._knowledge = database.knowledge
        self._looks: PerLoop[_Looks] = PerLoop(dict)

    async def run(
        self,
        call: Deadline,
        thread_id: str,
        write: Callable[[Known | None], Awaitable[_R | Fenced | None]],
        *,
        needed: bool = True,
    ) -> _R | None:
        """Run a call's write with the epoch that is known of its thread; again, if the thread has another one.

        Returns None if the thread does not exist; without `needed`, the write runs all the same. Returns None, too, if
        the thread was deleted after the answer to the write was lost: another thread may have its id by now.
        """
        attempts = Attempts(self._knowledge, thread_id)
        while True:
            known = self._knowledge.get(thread_id) or await self.look(call, thread_id)
            if not attempts.may_write(known) or (known is None and needed):
                return None
            answer = await write(known)
            if answer is not None and not isinstance(answer, Fenced):
                return answer
            attempts.again(None if answer is None else answer.number)

    async def look(self, call: Deadline, thread_id: str) -> Known | None:
        """Read a thread's epoch and remember it; returns None if the thread does not exist.

        Calls that look at the same time share a query. So they go on in the order in which they came.
        """
        looks = self._looks.make(asyncio.get_running_loop())
        waited = False
        while (other := looks.get(thread_id)) is not None:
            await asyncio.wait({other})
            # That there is no thread counts only if the query began after this call: it may have been created since.
            if not other.cancelled() and (waited or other.result() is not None):
                return other.result()
            waited = True
        look = looks[thread_id] = asyncio.get_running_loop().create_future()
        try:
            known = await self._database.run_in(call, threads.know, self._context, thread_id)
            if known is not None:
                self._knowledge.remember(thread_id, known)
            look.set_result(known)
        finally:
            del looks[thread_id]
            look.cancel()  # if it has no result, the next call looks itself
        return known
