"""The chat backend of examples/chat: with a MemoryStore, on SQLite, and as a server over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import create_async_engine

from agentomatic_sql import MemoryStore, errors
from agentomatic_sql.errors import StoreError
from agentomatic_sql.records import Message
from examples.chat import app as chat

ROOT = Path(__file__).parents[2]
README = (ROOT / "examples" / "chat" / "README.md").read_text()
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "SECONDS_PER_WORD", 0.0)


@pytest.fixture(params=["memory", "sqlite"])
def application(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Makes the application: over a MemoryStore, or over a SQLAlchemyStore on the application's own engine."""

    def make(model: chat.Model = chat.local_model) -> FastAPI:
        engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/chat.db")
        return chat.create_app(engine, store=MemoryStore() if request.param == "memory" else None, model=model)

    return make


@asynccontextmanager
async def running(app: FastAPI, user: str = "ada") -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application, which is started and stopped as a server does it."""
    async with app.router.lifespan_context(app), client(app, user) as made:
        yield made


def client(app: FastAPI, user: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {user}"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chat", headers=headers)


def events_of(text: str) -> list[tuple[str, Any]]:
    """Names and data of server-sent events."""
    return [(name, json.loads(data)) for name, data in re.findall(r"^event: (.*)\ndata: (.*)\n\n", text, re.MULTILINE)]


async def say(client: httpx.AsyncClient, content: Any, key: str, thread: str = "t") -> list[tuple[str, Any]]:
    response = await client.post(
        f"/threads/{thread}/messages", json={"content": content}, headers={"Idempotency-Key": key}
    )
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    return events_of(response.text)


async def messages(client: httpx.AsyncClient, thread: str = "t") -> list[Json]:
    response = await client.get(f"/threads/{thread}/messages", params={"limit": 100})
    assert response.status_code == 200, response.text
    return list(response.json())


# a conversation


async def test_a_conversation(application: Any) -> None:
    async with running(application()) as ada:
        assert (await ada.put("/threads/t", json={"title": "First"})).json()["title"] == "First"
        *pieces, (name, stored) = await say(ada, "Hello there", "k1")
        assert pieces == [("text", "You "), ("text", "said: "), ("text", "Hello "), ("text", "there")]
        assert name == "done"
        asked, answered = await messages(ada)
        assert stored == [answered]
        assert (asked["index"], asked["role"], asked["content"], asked["metadata"]) == (0, "user", "Hello there", {})
        assert (answered["index"], answered["role"]) == (1, "assistant")
        assert answered["content"] == "You said: Hello there"
        assert answered["metadata"] == {"reply_to": asked["id"]}
        assert (await ada.get("/usage")).json() == {"words": 4}
        assert (await ada.get("/health")).json() == {"status": "healthy"}
        assert (await ada.get("/threads/t")).json()["message_count"] == 2
        assert (await ada.delete("/threads/t")).status_code == 204
        for gone in ("/threads/t", "/threads/t/messages"):
            assert (await ada.get(gone)).status_code == 404


async def test_threads_are_listed_page_by_page(application: Any) -> None:
    async with running(application()) as ada:
        for thread in ("a", "b", "c"):
            await ada.put(f"/threads/{thread}", json={})
        first = (await ada.get("/threads", params={"limit": 2})).json()
        rest = (await ada.get("/threads", params={"limit": 2, "after": first[-1]["id"]})).json()
        assert [thread["id"] for thread in [*first, *rest]] == ["c", "b", "a"]
        assert (await ada.get("/threads", params={"after": "unknown"})).status_code == 404
        assert (await ada.get("/threads", params={"limit": 0})).status_code == 422


async def test_users_are_apart(application: Any) -> None:
    app = application()
    async with running(app) as ada, client(app, "eve") as eve:
        await ada.put("/threads/t", json={})
        await say(ada, "a secret", "k")
        assert (await eve.get("/threads")).json() == []
        for path in ("/threads/t", "/threads/t/messages"):
            assert (await eve.get(path)).status_code == 404
        assert (await eve.delete("/threads/t")).status_code == 404
        said = await eve.post("/threads/t/messages", json={"content": "Hello"}, headers={"Idempotency-Key": "k"})
        assert (said.status_code, said.json()["error"]) == (404, "ThreadNotFound")
        taken = await eve.put("/threads/t", json={})
        assert (taken.status_code, taken.json()["error"]) == (409, "ThreadExists")
        assert "ada" not in taken.text
        assert (await eve.get("/usage")).json() == {"words": 0}
        nobody = await eve.get("/threads", headers={"Authorization": ""})
        assert nobody.status_code == 401


# calls of tools, and parts


async def test_calls_of_tools_are_stored_with_the_answer(application: Any) -> None:
    async with running(application()) as ada:
        await ada.put("/threads/t", json={})
        events = await say(ada, "What is 2 + 3?", "k")
        call = {"id": "call_1", "type": "function", "function": {"name": "add", "arguments": '{"numbers": [2, 3]}'}}
        assert events[0] == ("tool_call", call)
        asked, *answer = await messages(ada)
        to = {"reply_to": asked["id"]}
        assert [(one["role"], one["content"], one["metadata"]) for one in answer] == [
            ("assistant", "", {"tool_calls": [call], **to}),
            ("tool", "5", {"tool_call_id": "call_1", **to}),
            ("assistant", "The sum is 5.", to),
        ]
        assert events[-1] == ("done", answer)


async def test_parts_are_stored_as_they_were_sent_and_their_texts_are_the_content(application: Any) -> None:
    parts = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "https://images.example.com/1.png"}},
        {"type": "text", "text": "Ünd dås?"},
    ]
    async with running(application()) as ada:
        await ada.put("/threads/t", json={})
        assert (await say(ada, parts, "k"))[-1][0] == "done"
        asked, answered = await messages(ada)
        assert asked["content"] == "What is this?\nÜnd dås?"
        assert asked["metadata"] == {"parts": parts}
        assert answered["content"] == "Images that I see: 1."
        await say(ada, parts[1:2], "k2")
        assert (await messages(ada))[2]["content"] == ""


MESSAGES: list[Json] = [
    {"role": "user", "content": "Hello\x00 there 🙂"},
    {"role": "user", "content": None},
    {"role": "user", "content": [{"type": "text", "text": ""}, {"type": "image_url", "image_url": {"url": "x"}}]},
    {"role": "user", "content": []},
    {"role": "user", "name": "Ada", "content": "Hello"},
    {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": "{}"}}]},
    {"role": "assistant", "content": "Let me see.", "tool_calls": [{"id": "1"}, {"id": "2"}]},
    {"role": "tool", "tool_call_id": "1", "content": "[1, 2.5]"},
    {"role": "tool", "tool_call_id": "1", "content": [{"type": "text", "text": "5"}]},
]


async def test_a_message_comes_back_from_the_store_as_the_model_had_it(store: Any) -> None:
    await store.create_thread("t", "ada", "chat")
    await store.add_messages("t", [chat.for_store(message, reply_to=7) for message in MESSAGES])
    assert [chat.for_model(message) for message in await store.get_messages("t")] == MESSAGES
    empty = await store.add_message("t", **chat.for_store({"role": "assistant", "content": ""}))
    assert chat.for_model(empty) == {"role": "assistant", "content": None}


async def test_the_model_is_given_the_conversation_from_a_users_message_on(
    application: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[list[Json]] = []

    async def model(messages: list[Json]) -> AsyncIterator[str | Json]:
        given.append(messages)
        async for piece in chat.local_model(messages):
            yield piece

    async with running(application(model)) as ada:
        await ada.put("/threads/t", json={})
        await say(ada, "2 + 3", "k1")
        await say(ada, "Thanks", "k2")
        assert [message["role"] for message in given[-1]] == ["user", "assistant", "tool", "assistant", "user"]
        assert given[-1][1:3] == given[1][1:3]  # as it was when the tool was called
        monkeypatch.setattr(chat, "CONTEXT", 5)
        await say(ada, "Bye", "k3")  # the five begin with the tool's result
        assert [message["content"] for message in given[-1]] == ["Thanks", "You said: Thanks", "Bye"]


# requests that are sent again


async def test_a_request_that_is_sent_again_gets_the_same_answer(application: Any) -> None:
    calls = 0

    async def model(messages: list[Json]) -> AsyncIterator[str | Json]:
        nonlocal calls
        calls += 1
        yield f"answer {calls}"

    async with running(application(model)) as ada:
        await ada.put("/threads/t", json={})
        first, again = await say(ada, "Hello", "k"), await say(ada, "Hello", "k")
        assert first == again
        assert first[0] == ("text", "answer 1")
        assert len(await messages(ada)) == 2
        assert calls == 1
        other = await ada.post("/threads/t/messages", json={"content": "Bye"}, headers={"Idempotency-Key": "k"})
        assert (other.status_code, other.json()["error"]) == (422, "IdempotencyConflict")
        assert (await ada.post("/threads/t/messages", json={"content": "Bye"})).status_code == 422
        assert (await say(ada, "Hello", "k2"))[0] == ("text", "answer 2")


async def test_only_the_first_stored_of_two_answers_to_one_request_counts(
    application: Any, caplog: pytest.LogCaptureFixture
) -> None:
    calls, both = 0, asyncio.Event()

    async def model(messages: list[Json]) -> AsyncIterator[str | Json]:
        nonlocal calls
        calls += 1
        number = calls
        if calls == 2:
            both.set()
        await both.wait()
        yield f"answer {number}"

    async with running(application(model)) as ada:
        await ada.put("/threads/t", json={})
        one, two = await asyncio.gather(say(ada, "Hello", "k"), say(ada, "Hello", "k"))
        assert {one[0][1], two[0][1]} == {"answer 1", "answer 2"}
        assert one[-1] == two[-1] == ("done", (await messages(ada))[1:])
        assert len(await messages(ada)) == 2
        assert (await ada.get("/usage")).json() == {"words": 2}
        assert not [record for record in caplog.records if record.name == "chat"]


@pytest.mark.parametrize("others", [0, 99, 100, 250])
async def test_an_answer_is_found_wherever_it_stands(store: Any, others: int) -> None:
    """Pages have 100 messages: the answer follows at once, across two pages, or after many others."""
    await store.create_thread("t", "ada", "chat")
    said = await store.add_message("t", "user", "2 + 3")
    await store.add_messages("t", [{"role": "user", "content": "another"}] * others)
    assert await chat.answer_to(store, said) == []
    turn = [{"role": role, "content": role} for role in ("assistant", "tool", "assistant")]
    stored = await chat.store_answer(store, said, turn)
    await store.add_message("t", "user", "Thanks")
    assert len(stored) == 3
    assert await chat.answer_to(store, said) == stored


# clients that go away, models that fail, servers that are stopped


class Gate:
    """A model that begins, and goes on when it may."""

    def __init__(self) -> None:
        self.begun, self.open = asyncio.Event(), asyncio.Event()

    async def __call__(self, messages: list[Json]) -> AsyncIterator[str | Json]:
        yield "Once upon "
        self.begun.set()
        await self.open.wait()
        yield "a time."


async def leave_during_the_answer(app: FastAPI, gate: Gate) -> None:
    """Send a message as ada, with the key "k", read the first piece of the answer and go away."""
    body = json.dumps({"content": "A story, please"}).encode()
    headers = {"authorization": "Bearer ada", "idempotency-key": "k", "content-type": "application/json"}
    path = "/threads/t/messages"
    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b""}
    scope |= {"headers": [(name.encode(), value.encode()) for name, value in headers.items()], "http_version": "1.1"}
    inbox = iter([{"type": "http.request", "body": body, "more_body": False}])
    sent: list[Any] = []

    async def receive() -> Any:
        if (message := next(inbox, None)) is not None:
            return message
        await gate.begun.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    async with asyncio.timeout(30):
        await app(scope, receive, send)  # it ends when the client has gone
    assert sent[0]["status"] == 200
    assert not any(b"a time." in message.get("body", b"") for message in sent)


async def test_when_the_client_goes_away_the_answer_is_stored_whole(application: Any) -> None:
    gate = Gate()
    app = application(gate)
    async with running(app) as ada:
        await ada.put("/threads/t", json={})
        await leave_during_the_answer(app, gate)
        assert [message["role"] for message in await messages(ada)] == ["user"]
        (answer,) = app.state.chat.answers
        gate.open.set()
        await answer
        assert (await messages(ada))[1]["content"] == "Once upon a time."
        again = await say(ada, "A story, please", "k")
        assert again == [("text", "Once upon a time."), ("done", (await messages(ada))[1:])]


async def test_a_server_that_is_stopped_waits_for_answers(application: Any) -> None:
    gate = Gate()
    app = application(gate)
    async with running(app) as ada:
        await ada.put("/threads/t", json={})
        await leave_during_the_answer(app, gate)
        asyncio.get_running_loop().call_soon(gate.open.set)
    assert not app.state.chat.answers
    async with running(app) as ada:
        assert (await messages(ada))[1]["content"] == "Once upon a time."


async def test_but_not_for_ever_and_then_nothing_of_the_answer_is_stored(
    application: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "SHUTDOWN_SECONDS", 0.1)
    gate = Gate()
    app = application(gate)
    async with running(app) as ada:
        await ada.put("/threads/t", json={})
        await leave_during_the_answer(app, gate)
    async with running(app) as ada:
        assert [message["content"] for message in await messages(ada)] == ["A story, please"]
        gate.open.set()
        assert (await say(ada, "A story, please", "k"))[-1][0] == "done"
        assert len(await messages(ada)) == 2


async def test_a_model_that_fails_leaves_the_message_and_nothing_of_the_answer(
    application: Any, caplog: pytest.LogCaptureFixture
) -> None:
    fails = True

    async def model(messages: list[Json]) -> AsyncIterator[str | Json]:
        yield "So "
        if fails:
            raise ConnectionError("the model is not there")
        yield "be it."

    async with running(application(model)) as ada:
        await ada.put("/threads/t", json={})
        assert await say(ada, "Hello", "k") == [("text", "So ")]  # neither done nor error
        assert "the model is not there" in caplog.text
        assert len(await messages(ada)) == 1
        fails = False
        assert (await say(ada, "Hello", "k"))[-1][0] == "done"
        assert [message["content"] for message in await messages(ada)] == ["Hello", "So be it."]


async def test_an_answer_that_cannot_be_stored_ends_with_an_error(application: Any) -> None:
    async def model(messages: list[Json]) -> AsyncIterator[str | Json]:
        yield "So be it."
        assert (await ada.delete("/threads/t")).status_code == 204

    async with running(application(model)) as ada:
        await ada.put("/threads/t", json={})
        assert (await say(ada, "Hello", "k"))[-1] == (
            "error",
            {"status": 404, "error": "ThreadNotFound", "detail": "thread 't' does not exist"},
        )


# errors


async def test_a_request_that_cannot_be_stored_is_a_422(application: Any) -> None:
    async with running(application()) as ada:
        long = await ada.put(f"/threads/{'x' * 300}", json={})
        assert long.status_code == 422
        assert long.json()["error"] == "InvalidInput"
        assert "thread_id" in long.json()["detail"]
        surrogate = await ada.put("/threads/t", content=b'{"title": "\\ud800"}')
        assert surrogate.status_code == 422
        await ada.put("/threads/t", json={})
        for content in ("", [], [{"type": "text"}], [{"type": "video"}], 7):
            refused = await ada.post("/threads/t/messages", json={"content": content}, headers={"Idempotency-Key": "k"})
            assert refused.status_code == 422, content
        assert await messages(ada) == []


async def test_a_store_that_cannot_be_used_is_a_503(application: Any) -> None:
    app = application()
    async with running(app) as ada:
        await app.state.chat.store.close()
        for response in (
            await ada.get("/threads"),
            await ada.put("/threads/t", json={}),
            await ada.post("/threads/t/messages", json={"content": "x"}, headers={"Idempotency-Key": "k"}),
        ):
            assert response.status_code == 503
            assert response.headers["retry-after"] == "2"
            assert response.json() == {"error": "StoreClosed", "detail": "Not at the moment: please send it again."}
        assert (await ada.get("/health")).status_code == 503


EVERY_ERROR = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, StoreError)]


@pytest.mark.parametrize("kind", EVERY_ERROR)
def test_every_error_has_the_status_that_the_readme_says(kind: type[StoreError]) -> None:
    error = kind.__new__(kind)
    Exception.__init__(error, "the database at db.internal")
    status, body = chat.refusal(error)
    assert body["error"] == kind.__name__
    assert ("db.internal" in body["detail"]) is (status not in (500, 503))
    rows = dict(re.findall(r"^\| (\d{3})[^|]*\| ([^|]*) \|", README, re.MULTILINE))
    named = [int(code) for code, names in rows.items() if f"`{kind.__name__}`" in names]
    assert named == ([] if status == 500 else [status])


# one engine


async def test_the_engine_is_shared_and_closed_by_the_application(tmp_path: Path) -> None:
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/chat.db")
    app = chat.create_app(engine)
    async with running(app) as ada:
        await ada.put("/threads/t", json={})
        await say(ada, "Hello", "k")
        assert app.state.chat.store.engine is engine
        before = engine.pool
    assert engine.pool is not before  # it was disposed of
    with closing(sqlite3.connect(tmp_path / "chat.db")) as connection:
        assert connection.execute("SELECT user_id, words FROM usage").fetchall() == [("ada", 3)]
        assert connection.execute("SELECT count(*) FROM agentomatic_messages").fetchone() == (2,)


# as a server


class Server:
    """The example under uvicorn, on a free port."""

    def __init__(self, folder: Path, **environment: str) -> None:
        options = ["--app-dir", str(ROOT / "examples" / "chat"), "--port", "0"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "app:app", *options],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.log: list[str] = []
        self.url = ""
        listening = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(listening,))
        self._reader.start()
        assert listening.wait(timeout=60)
        assert self.url, self.log
        self.client = httpx.Client(base_url=self.url, headers={"Authorization": "Bearer ada"}, timeout=60)

    def _read(self, listening: threading.Event) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.log.append(line)
            if found := re.search(r"Uvicorn running on (http://\S+)", line):
                self.url = found[1]
                listening.set()
        listening.set()  # it has ended

    def stop(self) -> int:
        """SIGTERM, as an orchestrator sends it; the exit status."""
        self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(timeout=60)
        self._reader.join(timeout=60)
        self.client.close()
        assert self._process.stdout is not None
        self._process.stdout.close()
        return status


@contextmanager
def serving(folder: Path, **environment: str) -> Iterator[Server]:
    server = Server(folder, **environment)
    try:
        yield server
    finally:
        assert server.stop() in (0, -signal.SIGTERM), server.log


def test_over_http_an_answer_streams_and_is_stored_when_its_client_goes_away(tmp_path: Path) -> None:
    story = " ".join(map(str, range(30)))
    request: Json = {"json": {"content": story}, "headers": {"Idempotency-Key": "k"}}
    with serving(tmp_path, CHAT_SECONDS_PER_WORD="0.05") as server:
        ada = server.client
        assert ada.put("/threads/t", json={}).status_code == 200
        with ada.stream("POST", "/threads/t/messages", **request) as response:
            assert response.status_code == 200
            lines = response.iter_lines()
            assert [next(lines), next(lines)] == ["event: text", 'data: "You "']
            assert ada.get("/threads/t").json()["message_count"] == 1  # it is not stored yet
        # The client has gone, and the server is told to stop: the answer is on its way.
    assert "Traceback" not in "".join(server.log)
    with serving(tmp_path) as server:
        ada = server.client
        asked, answered = ada.get("/threads/t/messages").json()
        assert (asked["content"], answered["content"]) == (story, f"You said: {story}")
        again = events_of(ada.post("/threads/t/messages", **request).text)
        assert again[-1] == ("done", [answered])
        assert ada.get("/usage").json() == {"words": 32}
        schema = ada.get("/openapi.json").json()["components"]["schemas"]
        assert schema["Thread"]["properties"]["message_count"]["type"] == "integer"
        assert set(Message.__annotations__) == set(schema["Message"]["properties"])


def test_the_commands_of_its_readme(tmp_path: Path) -> None:
    (block,) = re.findall(r"^```console\n(\$ curl .*?)^```", README, re.MULTILINE | re.DOTALL)
    with serving(tmp_path, CHAT_SECONDS_PER_WORD="0") as server:
        said = [curl(server.url, line.removeprefix("$ ")) for line in block.splitlines()]
    thread, stream, stored, usage = said
    assert json.loads(thread)["title"] == "Sums"
    assert [name for name, _ in events_of(stream)] == ["tool_call", "text", "text", "text", "text", "done"]
    assert [message["content"] for message in json.loads(stored)] == ["What is 2 + 3?", "", "5", "The sum is 5."]
    assert json.loads(usage) == {"words": 4}


def curl(url: str, command: str) -> str:
    """Make the request that curl makes with the README's options, on another port."""
    words = iter(shlex.split(command))
    assert next(words) == "curl"
    method, path, headers, body = "", "", {}, None
    for word in words:
        match word:
            case "-X":
                method = next(words)
            case "-H":
                name, _, value = next(words).partition(": ")
                headers[name] = value
            case "--json":
                body = next(words)
            case "-N":
                pass
            case _:
                path = word.removeprefix("localhost:8000")
    if body is not None:
        headers["Content-Type"] = "application/json"
    response = httpx.request(method or ("GET" if body is None else "POST"), url + path, headers=headers, content=body)
    assert response.status_code == 200, response.text
    return response.text


async def test_the_program_of_its_readme(tmp_path: Path) -> None:
    (program,) = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    names: Json = {}
    exec(program.replace("from app import", "from examples.chat.app import"), names)
    async with running(cast("FastAPI", names["app"])) as ada:
        await ada.put("/threads/t", json={})
        assert (await say(ada, "Hello", "k"))[-1][0] == "done"
        assert (await ada.get("/usage")).json() == {"words": 3}
