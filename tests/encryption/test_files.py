"""Old values in the files of a database: they stay there after `rekey`, and are gone after `rekey --vacuum`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.encryption.test_rekeying import rekeyed
from tests.support import servers
from tests.support.checkpoints import config, put
from tests.support.databases import chosen
from tests.support.encrypted import NEW, WORD, fill, opened

FILES = {"sqlite": "store.db*", "postgresql": "data/base/*/*", "mariadb": "data/*/agentomatic_*.ibd"}
"""Where tables stand, without logs."""


@contextmanager
def private(name: str, folder: Path) -> Iterator[tuple[str, Callable[[], int]]]:
    """The URL of a database of the test's own, and what counts how often `WORD` stands in the files of its tables."""

    def count(root: Path) -> int:
        found = [path.read_bytes().count(WORD.encode()) for path in root.glob(FILES[name]) if path.is_file()]
        assert found
        return sum(found)

    if name == "sqlite":
        yield f"sqlite+aiosqlite:///{folder}/store.db", lambda: count(folder)
        return
    with servers.private(name) as server:
        url = asyncio.run(servers.create_database(server))

        def on_disk() -> int:
            server.stop()  # so that everything is in the files
            try:
                return count(server.folder)
            finally:
                server.start()

        yield url, on_disk


@pytest.mark.parametrize("name", chosen(("sqlite", "postgresql", "mariadb")))
def test_vacuum_takes_old_values_out_of_the_files(name: str, tmp_path: Path) -> None:
    async def write(url: str) -> None:
        async with opened(url) as store:
            await fill(store)
            await store.add_messages(
                "t", [{"role": "user", "content": f"{WORD} {n}" * (n % 9 + 1)} for n in range(200)]
            )
            await put(SQLAlchemySaver(store), config("t"), {"messages": [WORD]}, {"messages": "1"})

    with private(name, tmp_path) as (url, count):
        asyncio.run(write(url))
        assert count() > 200
        code, said = asyncio.run(rekeyed(url, given=f"new:{NEW}"))
        assert code == 0
        assert "The files of the database still hold old values: --vacuum writes the tables anew." in said
        assert count() > 0 or name == "sqlite"  # many builds of SQLite overwrite what is deleted
        code, said = asyncio.run(rekeyed(url, "--vacuum", given=f"new:{NEW}"))
        assert (code, "still hold" in said) == (0, False), said
        assert count() == 0
