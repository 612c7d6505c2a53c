"""A type checker accepts programs of users."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

# TypedDicts as the return types of the stores' own methods would break this one.
AS_THE_INTERFACE_HAS_IT = '''
from typing import Any, Protocol

from agentomatic_sql import BaseStore, MemoryStore, SQLAlchemyStore


class Threads(Protocol):
    """The store that an application asks for, in the platform's words."""

    async def get_thread(self, thread_id: str) -> dict[str, Any] | None: ...
    async def get_messages(self, thread_id: str) -> list[dict[str, Any]]: ...


class Audited(SQLAlchemyStore):
    async def get_thread(self, thread_id: str) -> dict[str, Any] | None:
        return await super().get_thread(thread_id)


class Cached(MemoryStore):
    async def get_stats(self) -> dict[str, Any]:
        return {**await super().get_stats(), "cached": True}


def title(thread: dict[str, Any]) -> str:
    return str(thread.get("title"))


async def use(store: BaseStore, threads: Threads) -> str:
    thread = await store.create_thread("t", "ada", "support")
    thread["seen"] = True
    return title(thread)


async def main() -> None:
    for store in (SQLAlchemyStore("sqlite://"), MemoryStore(), Audited("sqlite://"), Cached()):
        await use(store, store)
'''

WITH_TYPES = """
from typing import cast

from agentomatic_sql import BaseStore
from agentomatic_sql.records import Message, Thread


async def main(store: BaseStore) -> int:
    thread = cast(Thread, await store.create_thread("t", "ada", "support"))
    messages = cast(list[Message], await store.get_messages("t"))
    return thread["message_count"] + sum(message["index"] for message in messages)
"""

WITH_MISTAKES = """
from typing import cast

from agentomatic_sql import BaseStore
from agentomatic_sql.records import Thread


async def main(store: BaseStore) -> str:
    thread = cast(Thread, await store.create_thread("t", "ada", "support"))
    print(thread["mesage_count"])
    return thread["message_count"]
"""

WHY_THE_STORES_RETURN_DICTS = """
from typing import Any

from agentomatic_sql import MemoryStore
from agentomatic_sql.records import Thread


class Typed(MemoryStore):
    async def get_thread(self, thread_id: str) -> Thread | None:
        return None


def title(thread: dict[str, Any]) -> str:
    return str(thread.get("title"))


def use(thread: Thread) -> str:
    return title(thread)
"""


SAVER = """
from agentomatic_sql import SQLAlchemySaver, langgraph


def sync(url: str) -> None:
    with SQLAlchemySaver.from_conn_string(url, pool_size=5) as saver:
        saver.delete_thread("t")


async def main(url: str) -> langgraph.SQLAlchemySaver:
    async with SQLAlchemySaver.from_conn_string(url) as saver:
        await saver.adelete_thread(1)
    return saver
"""


def test_a_type_checker_gets_along_with_the_stores_and_the_types(tmp_path: Path) -> None:
    """`mypy --strict` over each program; what is expected are the codes of its errors."""
    programs = {
        "as_the_interface_has_it.py": (AS_THE_INTERFACE_HAS_IT, set[str]()),
        "with_types.py": (WITH_TYPES, set[str]()),
        "with_mistakes.py": (WITH_MISTAKES, {"typeddict-item", "return-value"}),
        "saver.py": (SAVER, {"arg-type"}),
        "why_the_stores_return_dicts.py": (WHY_THE_STORES_RETURN_DICTS, {"override", "arg-type"}),
    }
    for name, (program, _) in programs.items():
        (tmp_path / name).write_text(program)
    # No configuration of this project's; a cache that is kept, so that only the programs are new.
    options = ["--strict", "--config-file=", f"--cache-dir={ROOT / '.mypy_cache' / 'programs'}", "--no-error-summary"]
    command = [sys.executable, "-m", "mypy", *options, *programs]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.stderr == ""
    found: dict[str, set[str]] = {name: set() for name in programs}
    for line in done.stdout.splitlines():
        if ": error: " in line:
            found[line.partition(":")[0]].add(line.rpartition("[")[2].rstrip("]"))
    assert found == {name: errors for name, (_, errors) in programs.items()}, done.stdout
