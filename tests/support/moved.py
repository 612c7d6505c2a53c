"""Databases with a row of every kind, and all that is stored in one: for the tests of moving."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import zstandard
from sqlalchemy import select

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.encryption import Encryption
from agentomatic_sql.execution import engine
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.moving.entities import ENTITIES
from agentomatic_sql.tables import ENCRYPTION_KEYS, METADATA
from tests.support import encrypted
from tests.support.checkpoints import LONG, config, go_on, put
from tests.support.databases import database_on

ODD = "U+0000 \x00, halves \ud83d\ude00 \udfff, a character 😀, U+001A \x1a0000 \x1ad83d \\u001a, agms1:x \u2028\x85\r"
"""What some database or JSON cannot hold as it is."""

Rows = Mapping[str, list[dict[str, Any]]]


@contextmanager
def database(name: str, folder: Path) -> Iterator[str]:
    """The URL of a database of a test's own, without a schema."""
    if name == "sqlite":
        yield f"sqlite:///{folder}/{uuid4()}.db"
    else:
        with database_on(name) as url:
            yield url


async def fill(url: str, encryption: Encryption | None = None) -> None:
    """Store rows of every kind, with values that are hard to hold."""
    async with SQLAlchemyStore(url, encryption=encryption) as store:
        await encrypted.fill(store)
        odd: dict[str, Any] = {ODD: ODD, "z": 1 << 80, "a": [-0.0, 1.0, 1e300, True, None, {"deep": ODD}]}
        await store.create_thread("ü 😀 ", "grace", "other", title=ODD, metadata=odd)
        await store.add_messages(
            "ü 😀 ", [{"role": "user", "content": content, "metadata": odd} for content in CONTENTS]
        )
        await store.add_feedback("", "grace", "other", comment=ODD, query="agms1:query", message_id=(1 << 53) - 1)
        await store.save_suspended_state("of nobody", "no thread", "agent", "node", odd)
        await store.save_checkpoint("t", ODD.replace("\x00", "").encode("utf-8", "ignore").decode(), "d", "c", odd, odd)
        saver = SQLAlchemySaver(store)
        await go_on(saver, [LONG, ODD, "c" * 2_000_000])
        end = await put(saver, config("graph without a thread", "sub|ns"), {"x": LONG})
        await saver.aput_writes(end, [("x", LONG), ("y", ODD)], "task", "path")
        await store.fork_thread("t", 1, "fork", checkpoints=True)
        await store.fork_thread("fork", 0, "fork of a fork")


CONTENTS = ["", ODD, "agms1:looks like a ciphertext", "agms1:", "a\nb", "x" * 100_000]


async def contents(url: str) -> Rows:
    """Everything that is stored, as it is stored: the rows of each table, in the order of their keys."""
    made = engine.create(*engine.parse(url), options={})
    found: dict[str, list[dict[str, Any]]] = {}
    async with made.connect() as connection:
        for name, table in METADATA.tables.items():
            rows = await connection.execute(select(table).order_by(*table.primary_key.columns))
            found[name] = [dict(row) for row in rows.mappings()]
    await made.dispose()
    for row in found[ENCRYPTION_KEYS.name]:
        del row["created_at"]  # when this database learned the key
    return found


def lines(file: Path) -> list[dict[str, Any]]:
    """The lines of a file."""
    data = file.read_bytes()
    if file.suffix == ".zst":
        data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
    return [json.loads(line) for line in data.split(b"\n")[:-1]]


def counts(rows: Rows) -> dict[str, int]:
    """Count the rows of each entity that has some."""
    return {entity.name: len(rows[entity.table.name]) for entity in ENTITIES if rows[entity.table.name]}
