"""`agentomatic-sql rekey`: another key, none, interrupted, and while stores are at work."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from typing import Any

from sqlalchemy import delete, func, select

from agentomatic_sql import SQLAlchemyStore, migrations
from agentomatic_sql.encryption import Encryption
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support import forked
from tests.support.checkpoints import config, put
from tests.support.encrypted import NEW, OLD, TABLES, WORD, everything, fill, flipped, opened, remember, rows, write


def command(url: str, *arguments: str, given: str = f"new:{NEW} old:{OLD}") -> tuple[int, str]:
    environment = {**os.environ, "AGENTOMATIC_SQL_KEYS": given, "AGENTOMATIC_SQL_URL": url}
    done = forked.run(forked.COMMAND, *arguments, environment=environment)
    return done.returncode, done.stdout + done.stderr


async def rekeyed(url: str, *arguments: str, given: str = f"new:{NEW} old:{OLD}") -> tuple[int, str]:
    return await asyncio.to_thread(command, url, "rekey", *arguments, given=given)


async def grown(url: str, *ids: str) -> list[Any]:
    """A database with something in each table, also of graphs, more than a batch of some; what can be read of it."""
    async with opened(url, *ids) as store:
        await fill(store)
        await store.add_messages("t", [{"role": "user", "content": f"{WORD} {n}"} for n in range(450)])
        await store.fork_thread("t", 5, "fork", checkpoints=True)
        async with SQLAlchemySaver(store) as saver:
            for step in range(60):
                said = [f"{WORD} {n}" for n in range(step)]
                await put(saver, config("t"), {"messages": said}, {"messages": f"{step:04}"})
            await remember(saver, os.urandom(1_250_000).hex())  # its row comes in parts
        return [*await everything(store), await graph(store)]


async def graph(store: SQLAlchemyStore) -> list[Any]:
    async with SQLAlchemySaver(store) as saver:
        found = [one async for one in saver.alist(config("t"))]
        return [(one.checkpoint, one.metadata, one.pending_writes) for one in found]


async def read(url: str, *ids: str) -> list[Any]:
    async with opened(url, *ids) as store:
        return [*await everything(store), await graph(store)]


async def test_another_key_and_then_only_that(database_url: str) -> None:
    stored = await grown(database_url, "old")
    code, said = await rekeyed(database_url)
    assert code == 0, said
    assert re.search(r"[\d,]+ rows were encrypted with 'new'; no other keys are needed any more", said)
    assert await read(database_url, "new") == stored
    code, said = await rekeyed(database_url, given=f"new:{NEW}")
    assert (code, " 0 rows were encrypted" in said) == (0, True)
    assert not {NEW, OLD} & {*re.findall(r"[\w+/=]+", said)}


async def test_rekey_encrypts_plain_data_and_decrypts_it_again(database_url: str) -> None:
    stored = await grown(database_url)
    code, said = await rekeyed(database_url, given=f"new:{NEW}")
    assert code == 0, said
    assert await read(database_url, "new") == stored
    code, said = await rekeyed(database_url, "--decrypt", given=f"new:{NEW}")
    assert (code, "rows were decrypted" in said) == (0, True), said
    assert await read(database_url) == stored


async def test_rekey_leaves_and_names_unreadable_rows(database_url: str) -> None:
    await grown(database_url, "old")
    async with opened(database_url, "old") as store:
        first = min(await rows(store, "agentomatic_messages"), key=lambda row: row["id"])
        await write(store, "agentomatic_messages", "id", first["id"], content=flipped(first["content"]))
    code, said = await rekeyed(database_url)
    assert code == 1
    place = f"content in agentomatic_messages (thread_id 't', user_id 'ada', role 'user', token {first['token']})"
    assert f"{place} cannot be decrypted: the row was modified, " in said
    assert "1 cannot be decrypted and were left unchanged" in said
    async with opened(database_url, "new", "old") as store:  # the old key is still needed
        assert len(await store.get_messages("t", offset=1, limit=1000)) == 452
        async with store.engine.begin() as connection:
            await connection.execute(
                delete(TABLES["agentomatic_messages"]).where(TABLES["agentomatic_messages"].c.id == first["id"])
            )
    assert (await rekeyed(database_url))[0] == 0


async def test_rekey_names_the_keys_that_it_misses(database_url: str) -> None:
    async with opened(database_url, "old") as store:
        await fill(store)
    assert await rekeyed(database_url, given=f"new:{NEW}") == (1, ANY_MISSING)
    code, said = await rekeyed(database_url, given=" ")
    assert (code, "AGENTOMATIC_SQL_KEYS: is not set" in said) == (1, True)
    assert Encryption({"k": command(database_url, "new-key")[1].strip()}).ids == ("k",)


async def test_without_a_package_that_it_needs_rekey_changes_nothing(database_url: str) -> None:
    async with opened(database_url) as store, SQLAlchemySaver(store) as saver:
        await put(saver, config("t"), {"messages": [WORD]}, {"messages": "1"})
    program = f"import sys; sys.modules['ormsgpack'] = None\n{forked.COMMAND}"  # None: no such module
    environment = {**os.environ, "AGENTOMATIC_SQL_KEYS": f"new:{NEW}", "AGENTOMATIC_SQL_URL": database_url}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, "rekey"), env=environment, stderr=asyncio.subprocess.PIPE
    )
    _out, said = await process.communicate()
    missing = b"error: ormsgpack is not installed: pip install 'agentomatic-sql[langgraph]'"
    assert (process.returncode, said.splitlines()[1:]) == (1, [missing])  # the first line says which database it is
    async with opened(database_url) as store:  # a store without keys is not locked out
        assert await graph(store)


async def test_texts_that_look_like_ciphertexts_hold_nothing_up(database_url: str) -> None:
    text = "agms1:old:AAAA"
    async with opened(database_url) as store:
        await store.create_thread("t", "ada", "agent", title=text)
        await store.add_message("t", "user", text, metadata={"x": text}, idempotency_key="k")
        await store.create_invocation_log(agent_name="agent", log_id="l", input_data=text)  # type: ignore[arg-type]
        stored = [await store.get_thread("t"), await store.get_messages("t"), await store.get_invocation_log("l")]
    for arguments, ids in ((), ("new",)), (("--decrypt",), ()):
        code, said = await rekeyed(database_url, *arguments, given=f"new:{NEW}")
        assert code == 0, said
        async with opened(database_url, *ids) as store:
            found = [await store.get_thread("t"), await store.get_messages("t"), await store.get_invocation_log("l")]
            assert found == stored
            assert [row["content_digest"] for row in await rows(store, "agentomatic_idempotency_keys")] == [
                ""
            ]  # it could be guessed
            assert await store.add_message("t", "user", text, metadata={"x": text}, idempotency_key="k") == stored[1][0]  # type: ignore[index]


async def count(store: SQLAlchemyStore, key: str) -> int:
    """Return how many messages a key has encrypted."""
    return sum([row["content"].startswith(f"agms1:{key}:") for row in await rows(store, "agentomatic_messages")])


async def begun(store: SQLAlchemyStore) -> bool:
    """Return whether the new key has encrypted any message."""
    content = TABLES["agentomatic_messages"].c.content
    async with store.engine.connect() as connection:
        found = await connection.execute(select(content).where(func.substr(content, 1, 10) == "agms1:new:").limit(1))
        return found.first() is not None


async def test_rekey_continues_after_being_killed(database_url: str) -> None:
    many = [{"role": "user", "content": f"{WORD} {n}"} for n in range(1_000)]
    async with opened(database_url, "old") as store:
        await store.create_thread("t", "ada", "agent")
        for _ in range(10):
            await store.add_messages("t", many)
    async with opened(database_url, "new", "old") as store:
        environment = {**os.environ, "AGENTOMATIC_SQL_KEYS": f"new:{NEW} old:{OLD}"}
        async with store.engine.connect() as connection:
            messages = TABLES["agentomatic_messages"]
            key = (messages.c.thread_id, messages.c.position)
            last = (await connection.execute(select(*key).order_by(messages.c.id.desc()).limit(1))).one()
            held = select(messages.c.id).where(key[0] == last[0], key[1] == last[1])
            await connection.execute(held.with_for_update())  # on a server, it cannot get past this one
            command = (forked.COMMAND, "rekey", "--url", database_url)
            with forked.Program(*command, environment=environment) as process:
                async with asyncio.timeout(60):
                    while not await begun(store):
                        await asyncio.sleep(0.005)
                process.kill()
                assert process.wait() == -signal.SIGKILL
        done = await count(store, "new")
        assert 0 < done < 10_000
        assert len(await store.get_messages("t", limit=20_000)) == 10_000
    code, said = await rekeyed(database_url)
    assert (code, f" {10_000 - done:,} rows were encrypted" in said) == (0, True), said
    async with opened(database_url, "new") as store:
        assert [one["content"] for one in await store.get_messages("t", offset=9_000, limit=1_000)] == [
            one["content"] for one in many
        ]


async def test_stores_at_work_meanwhile_lose_nothing(database_url: str) -> None:
    async with opened(database_url, "old") as store:
        for number in range(300):
            await store.create_thread(f"t{number:03}", "ada", "agent", title=WORD)
        await store.add_messages("t000", [{"role": "user", "content": WORD}] * 1_000)
    async with opened(database_url, "new", "old") as store:
        working = asyncio.create_task(rekeyed(database_url))
        written = {f"t{number:03}": 0 for number in range(0, 300, 30)}
        while not working.done():
            for thread in written:
                written[thread] += 1
                await asyncio.gather(
                    store.update_thread(thread, title=str(written[thread])),
                    store.add_message(thread, "user", str(written[thread])),
                )
        code, said = await working
        assert code == 0, said
    async with opened(database_url, "new") as store:
        for thread, last in written.items():
            assert (await store.get_thread(thread) or {})["title"] == str(last)
            contents = [one["content"] for one in await store.get_messages(thread, last=last)]
            assert contents == [str(number) for number in range(1, last + 1)]


async def test_rekey_notices_rows_stored_meanwhile_with_another_key(database_url: str) -> None:
    async with opened(database_url, "old") as late:
        await fill(late)
        working = asyncio.create_task(rekeyed(database_url))
        while not working.done():
            await late.add_message("t", "user", WORD)
        code, said = await working
    if code == 1:  # it was seen at the end
        assert "rows meanwhile: change their keys, then run this again" in said
    assert (await rekeyed(database_url))[0] == 0
    async with opened(database_url, "new") as store:
        assert {one["content"] for one in await store.get_messages("t", offset=3, limit=10_000)} == {WORD}


class _Missing:
    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and "'old' encrypts this database but is missing" in other


ANY_MISSING: Any = _Missing()


async def test_a_schema_of_a_newer_release_is_not_rekeyed(database_url: str) -> None:
    """It may have encrypted columns that this release does not know; without the old key they would be lost."""
    async with opened(database_url, "old") as store:
        await fill(store)
        newer = f"0003_from_{migrations.revisions()[-1]}"
        async with store.engine.begin() as connection:
            await connection.exec_driver_sql(f"UPDATE {migrations.VERSION_TABLE} SET version_num = '{newer}'")
        try:
            code, said = await rekeyed(database_url, given=f"new:{NEW} old:{OLD}")
        finally:
            async with store.engine.begin() as connection:  # the database is lent
                head = migrations.revisions()[-1]
                await connection.exec_driver_sql(f"UPDATE {migrations.VERSION_TABLE} SET version_num = '{head}'")
    assert code == 1
    assert f"at revision {newer}, which this package" in said
