"""Rows of agentomatic's own store are encrypted on their way into databases whose stores encrypt."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agentomatic_sql.encryption import Encryption
from agentomatic_sql.errors import DecryptionFailed, EncryptionMismatch, TransferFailed
from agentomatic_sql.moving import import_agentomatic
from agentomatic_sql.tables import ENCRYPTION_KEYS
from tests.support import encrypted, moved
from tests.support import platform_tables as tables
from tests.support.databases import chosen
from tests.support.encrypted import WORD
from tests.support.platform_tables import AT

JSON = f'{{"said": ["{WORD}"]}}'
ROWS = {
    "feedback": ("1", "t000000", "2", "ada", "agent", "5", WORD, "thumbs", WORD, WORD, WORD, AT),
    "suspended_states": ("s", "t000000", "agent", "node", JSON, AT, "2999-01-01 00:00:00.000000"),
    "checkpoints": ("t000000", "ns", "c", None, JSON, JSON, AT),
    "agent_invocation_logs": ("l", "agent", None, "t000000", None, AT, "chat", JSON, JSON, JSON, WORD, 1.5, "ok"),
    "log_analyses": ("a", "agent", None, 0.5, WORD, "ok", f'["{WORD}"]', JSON, AT),
    "optimization_runs": ("r", "e", "agent", 0.1, 0.2, JSON, f'["{WORD}"]', f'["{WORD}"]', JSON, JSON, AT),
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file with a row or two in each of the platform's tables, `WORD` in everything personal."""
    path = tmp_path / "source.db"
    tables.make(path, threads=2, messages=3, content=WORD)
    tables.run(path, "UPDATE threads SET title = ?, metadata_json = ?", WORD, JSON)
    tables.run(path, "UPDATE messages SET metadata_json = ?", JSON)
    for table, row in ROWS.items():
        tables.run(path, f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", *row)
    return path


@pytest.fixture(params=["the same file", *chosen(("sqlite", "postgresql", "mysql", "mariadb"))])
def target(request: pytest.FixtureRequest, source: Path, tmp_path: Path) -> Iterator[str]:
    """The URL of a database to store in."""
    if request.param == "the same file":
        yield f"sqlite:///{source}"
        return
    with moved.database(request.param, tmp_path) as url:
        yield url


async def read(url: str, *keys: str) -> Any:
    async with encrypted.opened(url, *keys) as store:
        return [
            await store.list_threads(),
            await store.get_messages("t000001"),
            await store.get_feedback(),
            await store.list_suspended_states(),
            await store.list_checkpoints("t000000", "ns"),
            await store.list_invocation_logs(),
            await store.list_log_analyses(),
            await store.list_optimization_runs(),
        ]


async def test_rows_are_encrypted_with_the_keys_that_are_given(source: Path, target: str, tmp_path: Path) -> None:
    plain, url = f"sqlite:///{tmp_path}/plain.db", f"sqlite:///{source}"
    await import_agentomatic(url, plain)
    done = await import_agentomatic(url, target, encryption=encrypted.keys("old"))
    rows = await moved.contents(target)
    assert WORD not in repr(rows)
    assert [row["id"] for row in rows[ENCRYPTION_KEYS.name]] == ["old"]
    assert await read(target, "old") == await read(plain)
    again = await import_agentomatic(url, target, encryption=encrypted.keys("old"))
    assert (sum(again.added.values()), again.present) == (0, done.added)
    assert await moved.contents(target) == rows
    async with encrypted.opened(target, "old") as store:
        await store.delete_thread("t000001")
    assert (await import_agentomatic(url, target, encryption=encrypted.keys("new", "old"))).added["message"] == 3
    assert await read(target, "new", "old") == await read(plain)


async def test_a_database_of_other_keys_is_refused(source: Path, target: str) -> None:
    url = f"sqlite:///{source}"
    async with encrypted.opened(target, "old"):
        pass
    with pytest.raises(TransferFailed, match="is encrypted: give its keys as encryption="):
        await import_agentomatic(url, target)
    other = Encryption({"old": Encryption.new_key()})
    for keys in (encrypted.keys("new"), other):
        with pytest.raises(EncryptionMismatch, match="'old'"):
            await import_agentomatic(url, target, encryption=keys)
    assert not any(rows for name, rows in (await moved.contents(target)).items() if name != ENCRYPTION_KEYS.name)


async def test_a_database_with_plain_rows_is_refused(source: Path, target: str) -> None:
    url = f"sqlite:///{source}"
    await import_agentomatic(url, target)
    rows = await moved.contents(target)
    with pytest.raises(
        TransferFailed, match=r"is not encrypted, and what is to be stored is encrypted with 'old'.*rekey"
    ):
        await import_agentomatic(url, target, encryption=encrypted.keys("old"))
    assert await moved.contents(target) == rows


async def test_an_encrypted_message_is_bound_to_its_thread(source: Path, target: str) -> None:
    await import_agentomatic(f"sqlite:///{source}", target, encryption=encrypted.keys("old"))
    async with encrypted.opened(target, "old") as store:
        async with store.engine.begin() as connection:
            await connection.exec_driver_sql("UPDATE agentomatic_threads SET user_id = 'eve' WHERE id = 't000001'")
        with pytest.raises(DecryptionFailed):
            await store.get_messages("t000001")


def run(source: Path, target: str, keys: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "agentomatic_sql", "import", "agentomatic"]
    command += ["--from", f"sqlite:///{source}", "--to", target]
    environment = {**os.environ, "AGENTOMATIC_SQL_KEYS": keys}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


async def test_the_command_takes_the_keys_of_the_environment(source: Path, tmp_path: Path) -> None:
    target = f"sqlite:///{tmp_path}/target.db"
    done = run(source, target, f"old:{encrypted.OLD}")
    assert done.returncode == 0, done.stderr
    assert WORD not in repr(await moved.contents(target))
    failed = run(source, target, "")
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1].endswith("or set AGENTOMATIC_SQL_KEYS for the command")
