"""Sessions that the packages themselves have written, and written more of, are brought in as they read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.moving import import_sessions
from tests.support import moved
from tests.support.databases import chosen
from tests.support.sessions import peers


class Case(NamedTuple):
    """A class that stores sessions, on a database."""

    mapping: str
    program: str
    kind: str
    database: str
    messages: list[tuple[str, str]]
    """Role and content of the messages of a session after both rounds."""
    first: int
    """How many of them are of the first round."""


PARCEL = "Where is my parcel? 😀"
OPENAI = [
    *[("user", PARCEL), ("assistant", ""), ("assistant", ""), ("tool", "In Ulm."), ("assistant", "It is\nin Ulm.")],
    ("user", "Thanks."),
]
LANGCHAIN = [
    *[("system", "Be kind."), ("user", "Where is\nmy parcel? 😀"), ("assistant", ""), ("tool", "In Ulm.")],
    *[("assistant", "It is in Ulm."), ("courier", "Here it is.")],
]
ADK = [("user", PARCEL), ("assistant", ""), ("tool", ""), ("assistant", "It is in Ulm."), ("user", "Thanks.\nBye.")]
CHAINLIT = [("user", PARCEL), ("run", PARCEL), ("tool", "In Ulm."), ("assistant", "It is in Ulm."), ("user", "Thanks.")]

CASES = [
    Case("openai-agents", "openai_agents", "SQLiteSession", "sqlite", OPENAI, 5),
    Case("openai-agents", "openai_agents", "SQLAlchemySession", "sqlite", OPENAI, 5),
    Case("openai-agents", "openai_agents", "SQLAlchemySession", "postgresql", OPENAI, 5),
    Case("langchain", "langchain", "SQLChatMessageHistory", "sqlite", LANGCHAIN, 5),
    Case("langchain", "langchain", "SQLChatMessageHistory", "postgresql", LANGCHAIN, 5),
    Case("langchain", "langchain", "SQLChatMessageHistory", "mariadb", LANGCHAIN, 5),
    Case("langchain-postgres", "langchain", "PostgresChatMessageHistory", "postgresql", LANGCHAIN, 5),
    Case("google-adk", "google_adk", "DatabaseSessionService", "sqlite", ADK, 4),
    Case("google-adk", "google_adk", "SqliteSessionService", "sqlite", ADK, 4),
    Case("google-adk", "google_adk", "DatabaseSessionService", "postgresql", ADK, 4),
    Case("google-adk", "google_adk", "DatabaseSessionService", "mariadb", ADK, 4),
    Case("google-adk-0", "google_adk", "version 0", "sqlite", ADK, 4),
    Case("google-adk-0", "google_adk", "version 0", "postgresql", ADK, 4),
    Case("chainlit", "chainlit", "SQLAlchemyDataLayer", "sqlite", CHAINLIT, 4),
    Case("chainlit", "chainlit", "SQLAlchemyDataLayer", "postgresql", CHAINLIT, 4),
]


@pytest.fixture(scope="module")
def writers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[peers.Writers]:
    found = peers.Writers(tmp_path_factory.mktemp("writers"))
    yield found
    found.close()


@pytest.fixture(
    params=[case for case in CASES if case.database in chosen(("sqlite", "postgresql", "mariadb"))],
    ids=lambda case: f"{case.kind}-{case.database}",
)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture
def source(case: Case, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    with moved.database(case.database, tmp_path) as url:
        yield url


async def test_sessions_are_brought_in_and_followed(
    case: Case, source: str, writers: peers.Writers, tmp_path: Path
) -> None:
    target, begin = f"sqlite:///{tmp_path}/target.db", datetime.now(UTC) - timedelta(seconds=2)
    for name, count in (("first", case.first), ("second", len(case.messages) - case.first)):
        theirs = writers.write(case.program, case.kind, source, name)
        done = await import_sessions(source, target)
        assert (done.misfits, done.added["message"]) == ([], 2 * count)
        assert done.added["thread"] == (2 if name == "first" else 0)
        await check(case, target, theirs, begin)
        again = await import_sessions(source, target, kind=case.mapping)
        assert (again.misfits, {*again.added.values()}) == ([], {0})
        assert again.present["message"] == sum(map(len, theirs.values()))


async def check(case: Case, target: str, theirs: dict[str, list[dict[str, Any]]], begin: datetime) -> None:
    """Compare the threads with what the package itself reads."""
    async with SQLAlchemyStore(target) as store:
        threads = {thread["id"]: thread for thread in await store.list_threads()}
        assert threads.keys() == theirs.keys()
        for id_, items in theirs.items():
            owner = threads[id_]["user_id"], threads[id_]["agent_name"]
            messages = await store.get_messages(id_)
            assert [(one["role"], one["content"]) for one in messages] == case.messages[: len(items)]
            assert owner == OWNERS.get(case.program, ("unknown", case.mapping))
            for message, item in zip(messages, items, strict=True):
                assert message["metadata"]["source"] == case.mapping
                COMPARE.get(case.mapping, same)(message, item)
            if case.program != "chainlit":
                assert begin <= datetime.fromisoformat(messages[0]["timestamp"]) <= datetime.now(UTC)
        if case.program == "chainlit":
            await check_feedback(store, theirs, rounds=1 if len(items) == case.first else 2)


OWNERS = {"google_adk": ("ada", "courier_app"), "chainlit": ("ada", "Courier")}


def same(message: dict[str, Any], item: dict[str, Any]) -> None:
    assert message["metadata"]["item"] == item


def adk(message: dict[str, Any], item: dict[str, Any]) -> None:
    same(message, item)
    assert datetime.fromisoformat(message["timestamp"]).timestamp() == pytest.approx(item["timestamp"], abs=1e-5)


def adk_before(message: dict[str, Any], item: dict[str, Any]) -> None:
    row = message["metadata"]["item"]
    assert (row["id"], row["author"], row["content"]) == (item["id"], item["author"], item["content"])
    assert datetime.fromisoformat(message["timestamp"]).timestamp() == pytest.approx(item["timestamp"], abs=1e-5)


def chainlit(message: dict[str, Any], item: dict[str, Any]) -> None:
    row = message["metadata"]["item"]
    assert {name: row[name] for name in ("id", "name", "type", "output", "createdAt")} == {
        name: item[name] for name in ("id", "name", "type", "output", "createdAt")
    }
    assert message["timestamp"] == item["createdAt"].replace("Z", "+00:00")


COMPARE = {"google-adk": adk, "google-adk-0": adk_before, "chainlit": chainlit}


async def check_feedback(store: SQLAlchemyStore, threads: Iterable[str], *, rounds: int) -> None:
    """Each thread has feedback on its last message of the first round; then on an earlier one, which was there."""
    given = await store.get_feedback(user_id="ada", agent_name="Courier")
    found = set()
    for id_ in threads:
        places = {message["id"]: message["index"] for message in await store.get_messages(id_)}
        mine = [one for one in given if one["thread_id"] == id_]
        found |= {(id_, places[one["message_id"]], one["rating"], one["comment"]) for one in mine}
    expected = [(3, 5, "the first"), (2, 1, "the second")][:rounds]
    assert found == {(id_, *one) for id_ in threads for one in expected}
    assert len(given) == len(found)
