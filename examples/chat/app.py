"""A chat backend in one file: each user's threads, answers that stream, calls of tools, images.

    pip install . "fastapi>=0.122" uvicorn
    uvicorn app:app --app-dir examples/chat

CHAT_URL names the database, with its async driver (sqlite+aiosqlite:///chat.db). README.md says what is stored.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import dropwhile
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from agentomatic_sql import (
    BaseStore,
    IdempotencyConflict,
    InvalidInput,
    NotSupported,
    OperationTimeout,
    OutcomeUnknown,
    RecordExists,
    SQLAlchemyStore,
    StatementTimeout,
    StoreBusy,
    StoreClosed,
    StoreError,
    StoreUnavailable,
    ThreadExists,
    ThreadNotFound,
    ValueTooLarge,
)
from agentomatic_sql.records import Message, Thread

AGENT = "chat"
CONTEXT = 50
"""How many messages of a thread the model is given."""
STEPS = 5
"""The most calls of the model for one answer; each round of tools takes one more."""
RETRY_SECONDS = 2
"""Seconds until a client may try again, sent as Retry-After."""
SHUTDOWN_SECONDS = 20.0
"""Seconds that a stopping server waits for answers whose clients have gone."""

Json = dict[str, Any]
Model = Callable[[list[Json]], AsyncIterator["str | Json"]]
"""Messages in, pieces of text or calls of tools out, as a model's API streams them."""

log = logging.getLogger("chat")

# the application's own table, in the same database and through the same engine

TABLES = MetaData()
USAGE = Table(
    "usage",
    TABLES,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", String(255), nullable=False, index=True),
    Column("words", Integer, nullable=False),
)


# the model: a function that stands for a call over the network

SECONDS_PER_WORD = float(os.environ.get("CHAT_SECONDS_PER_WORD", "0.03"))


async def local_model(messages: list[Json]) -> AsyncIterator[str | Json]:
    """Call the tool `add` for a sum, count images, and repeat everything else; a word at a time."""
    last = messages[-1]
    numbers = re.findall(r"\d+", last["content"]) if isinstance(last["content"], str) else []
    if last["role"] == "tool":
        answer = f"The sum is {last['content']}."
    elif len(numbers) > 1 and "+" in last["content"]:
        arguments = json.dumps({"numbers": [int(number) for number in numbers]})
        yield {"id": "call_1", "type": "function", "function": {"name": "add", "arguments": arguments}}
        return
    elif isinstance(last["content"], list):
        answer = f"Images that I see: {sum(part['type'] == 'image_url' for part in last['content'])}."
    else:
        answer = f"You said: {last['content']}"
    for word in re.findall(r"\S+\s*", answer):
        await asyncio.sleep(SECONDS_PER_WORD)
        yield word


def call_tool(call: Json) -> Json:
    """Run a tool and return its result, as a message for the model."""
    numbers = json.loads(call["function"]["arguments"])["numbers"]
    return {"role": "tool", "tool_call_id": call["id"], "content": str(sum(numbers))}


# messages: as a model's API has them, and as they are stored

MODEL_FIELDS = ("tool_calls", "tool_call_id", "name")
"""What a message may have beside role and content; in the store they are metadata of the same names."""


def for_store(message: Json, **metadata: Any) -> Json:
    """Convert a message to the arguments of `add_message`.

    `content` is the text, and empty if there is none. A list of parts goes to `metadata["parts"]` as it is; the text
    parts, a line each, are the content. Everything else goes to the metadata under its own name.
    """
    content = message["content"]
    fields = {name: value for name, value in message.items() if name not in ("role", "content")}
    if isinstance(content, list):
        fields["parts"] = content
        content = "\n".join(part["text"] for part in content if part["type"] == "text")
    return {"role": message["role"], "content": content or "", "metadata": {**fields, **metadata}}


def for_model(message: Message) -> Json:
    """Convert a record to the message that `for_store` was given; an empty content is None."""
    metadata = message["metadata"]
    fields = {name: metadata[name] for name in MODEL_FIELDS if name in metadata}
    return {"role": message["role"], "content": metadata.get("parts", message["content"] or None), **fields}


# answers


@dataclass
class Chat:
    """The objects that all requests share."""

    engine: AsyncEngine
    store: BaseStore
    model: Model
    answers: set[asyncio.Task[None]] = field(default_factory=set)
    """The running answers: each is a task of its own, which goes on when its client has gone."""

    def begin_answer(self, user: str, said: Message) -> AsyncIterator[str]:
        """Start to answer a message, and return the events for its client."""
        events: asyncio.Queue[str | None] = asyncio.Queue()
        task = asyncio.create_task(self._answer(user, said, events))
        self.answers.add(task)
        task.add_done_callback(self._ended)
        return _until_none(events)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.answers.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("an answer failed", exc_info=error)

    async def _answer(self, user: str, said: Message, events: asyncio.Queue[str | None]) -> None:
        try:
            store = self.store.for_user(user)
            turn = await self._generate(await history(store, said), events)
            stored = await store_answer(store, said, turn)
            events.put_nowait(event("done", stored))
            await self._note_usage(user, stored)
        except StoreError as error:  # the response's status has been sent: the event carries this one
            status, body = refusal(error)
            log.error("an answer was not stored: %s", error, exc_info=error)
            events.put_nowait(event("error", {"status": status, **body}))
        finally:
            events.put_nowait(None)

    async def _generate(self, messages: list[Json], events: asyncio.Queue[str | None]) -> list[Json]:
        """Call the model until it calls no tool any more; return its messages and the tools' results."""
        turn: list[Json] = []
        for _ in range(STEPS):
            text, calls = "", []
            async for piece in self.model([*messages, *turn]):
                if isinstance(piece, str):
                    text += piece
                    events.put_nowait(event("text", piece))
                else:
                    calls.append(piece)
                    events.put_nowait(event("tool_call", piece))
            called = {"tool_calls": calls} if calls else {}
            turn += [{"role": "assistant", "content": text or None, **called}, *map(call_tool, calls)]
            if not calls:
                break
        return turn

    async def _note_usage(self, user: str, stored: list[Message]) -> None:
        """Write to the application's own table, in a transaction of its own after the store's."""
        answers = [message for message in stored if message["role"] == "assistant"]
        words = sum(len(message["content"].split()) for message in answers)
        row = {"message_id": stored[-1]["id"], "user_id": user, "words": words}
        with suppress(IntegrityError):  # another request has noted it, which gave the same answer
            async with self.engine.begin() as connection:
                await connection.execute(USAGE.insert().values(row))

    async def finish(self) -> None:
        """Wait for the running answers. What takes too long is cancelled, and nothing of it is stored."""
        if self.answers:
            await asyncio.wait(self.answers, timeout=SHUTDOWN_SECONDS)
        for task in self.answers:
            task.cancel()
        await asyncio.gather(*self.answers, return_exceptions=True)


async def history(store: BaseStore, said: Message) -> list[Json]:
    """Read the messages for the model, up to the one to answer, from a user's on: no result without its call."""
    end = said["index"] + 1
    found = await store.get_messages(said["thread_id"], offset=max(0, end - CONTEXT), limit=min(end, CONTEXT))
    messages = [for_model(cast("Message", message)) for message in found]
    return list(dropwhile(lambda message: message["role"] != "user", messages))


async def store_answer(store: BaseStore, said: Message, turn: Sequence[Json]) -> list[Message]:
    """Store an answer whole and once. If another request with the same key was faster, return its answer."""
    messages = [for_store(message, reply_to=said["id"]) for message in turn]
    try:
        stored = await store.add_messages(said["thread_id"], messages, idempotency_key=f"answer-{said['id']}")
    except IdempotencyConflict:
        return await answer_to(store, said)
    return cast("list[Message]", stored)


async def answer_to(store: BaseStore, said: Message) -> list[Message]:
    """Find the stored answer to a message; other messages may stand between. Empty if there is none."""
    found: list[Message] = []
    offset = said["index"] + 1
    while page := cast("list[Message]", await store.get_messages(said["thread_id"], offset=offset)):
        found += [message for message in page if message["metadata"].get("reply_to") == said["id"]]
        if found and found[-1] != page[-1]:  # else the answer may go on in the next page
            break
        offset += len(page)
    return found


def event(name: str, data: Any) -> str:
    """Format a server-sent event."""
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


async def _until_none(events: asyncio.Queue[str | None]) -> AsyncIterator[str]:
    while (sent := await events.get()) is not None:
        yield sent


async def _again(stored: list[Message]) -> AsyncIterator[str]:
    yield event("text", stored[-1]["content"])
    yield event("done", stored)


# errors

STATUS: dict[type[StoreError], int] = {
    ThreadNotFound: 404,
    ThreadExists: 409,
    RecordExists: 409,
    ValueTooLarge: 413,
    InvalidInput: 422,
    IdempotencyConflict: 422,
    NotSupported: 501,
    StoreUnavailable: 503,
    StoreBusy: 503,
    StoreClosed: 503,
    OperationTimeout: 503,
    StatementTimeout: 503,
    OutcomeUnknown: 503,
}
"""Every other StoreError is a 500."""


def refusal(error: StoreError) -> tuple[int, Json]:
    """Choose the status and the body for an error.

    503 invites the client to send the request again. That is safe for every request of this application, as a message
    has its key, and so it is the answer to an unknown outcome, too. The log has the details; the client does not get
    those of a server's fault.
    """
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    details = {500: "Something is wrong with the server.", 503: "Not at the moment: please send it again."}
    return status, {"error": type(error).__name__, "detail": details.get(status, str(error))}


def on_store_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, StoreError)
    status, body = refusal(error)
    if status >= 500:
        log.error("%s %s: %s", request.method, request.url.path, error, exc_info=error)
    headers = {"Retry-After": str(RETRY_SECONDS)} if status == 503 else None
    return JSONResponse(body, status, headers)


# requests


def current_user(token: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> str:
    """Return the user who asks. Stands for authentication and believes everybody: verify the token here."""
    return token.credentials


def shared(request: Request) -> Chat:
    chat: Chat = request.app.state.chat
    return chat


User = Annotated[str, Depends(current_user)]
Shared = Annotated[Chat, Depends(shared)]


def own_store(chat: Shared, user: User) -> BaseStore:
    """Return the user's view of the store, which does not have other users' threads."""
    return chat.store.for_user(user)


Own = Annotated[BaseStore, Depends(own_store)]
Count = Annotated[int, Query(ge=1, le=100)]


class NewThread(BaseModel):
    title: str | None = None


class TextPart(BaseModel):
    type: Literal["text"]
    text: str


class ImageURL(BaseModel):
    url: str


class ImagePart(BaseModel):
    type: Literal["image_url"]
    image_url: ImageURL


class NewMessage(BaseModel):
    """A user's message: a text, or parts of text and images."""

    content: Annotated[str, Field(min_length=1)] | Annotated[list[TextPart | ImagePart], Field(min_length=1)]


routes = APIRouter()


@routes.put("/threads/{thread_id}", response_model=Thread)
async def put_thread(thread_id: str, thread: NewThread, user: User, store: Own) -> Any:
    """Make a thread with an id that the client chose, a UUID. A thread that exists is returned unchanged."""
    return await store.create_thread(thread_id, user, AGENT, title=thread.title)


@routes.get("/threads", response_model=list[Thread])
async def list_threads(store: Own, limit: Count = 20, after: str | None = None) -> Any:
    """The user's threads, the one updated last first; `after` is the id of the last one of the page before."""
    return await store.list_threads(limit=limit, after=after)


@routes.get("/threads/{thread_id}", response_model=Thread)
async def get_thread(thread_id: str, store: Own) -> Any:
    thread = await store.get_thread(thread_id)
    if thread is None:
        raise ThreadNotFound(thread_id)
    return thread


@routes.delete("/threads/{thread_id}", status_code=204)
async def delete_thread(thread_id: str, store: Own) -> None:
    if not await store.delete_thread(thread_id):
        raise ThreadNotFound(thread_id)


@routes.get("/threads/{thread_id}/messages", response_model=list[Message])
async def get_messages(thread_id: str, store: Own, limit: Count = 50, offset: int = 0) -> Any:
    """The messages of a thread, the oldest first."""
    messages = await store.get_messages(thread_id, limit=limit, offset=offset)
    if not messages:
        await get_thread(thread_id, store)
    return messages


@routes.post("/threads/{thread_id}/messages", response_class=StreamingResponse)
async def send_message(
    thread_id: str,
    message: NewMessage,
    chat: Shared,
    user: User,
    store: Own,
    idempotency_key: Annotated[str, Header()],
) -> StreamingResponse:
    """Store what the user says, and stream the answer: events `text`, `tool_call`, and `done` or `error`."""
    new = for_store({"role": "user", **message.model_dump()})
    said = cast("Message", await store.add_message(thread_id, **new, idempotency_key=idempotency_key))
    stored = await answer_to(store, said)  # it has one, if this is a request that was sent again
    events = _again(stored) if stored else chat.begin_answer(user, said)
    return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-cache"})


@routes.get("/usage")
async def get_usage(chat: Shared, user: User) -> dict[str, int]:
    """Count the words that the user was answered, in the application's own table."""
    words = select(func.coalesce(func.sum(USAGE.c.words), 0)).where(USAGE.c.user_id == user)
    async with chat.engine.connect() as connection:
        return {"words": int((await connection.execute(words)).scalar_one())}


@routes.get("/health")
async def get_health(chat: Shared) -> JSONResponse:
    """Tell a load balancer whether the store can be used: 200, or 503."""
    status = (await chat.store.health_check())["status"]
    return JSONResponse({"status": status}, 200 if status == "healthy" else 503)


def create_app(engine: AsyncEngine, *, store: BaseStore | None = None, model: Model = local_model) -> FastAPI:
    """Make the application on an engine, which the store shares; tests give a MemoryStore instead."""
    chat = Chat(engine, store or SQLAlchemyStore(engine=engine), model)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        try:
            async with chat.store:  # makes or upgrades its schema
                async with engine.begin() as connection:  # in production: a migration of yours
                    await connection.run_sync(TABLES.create_all)
                yield
                await chat.finish()
        finally:
            await engine.dispose()  # the store leaves an engine open that it was given

    app = FastAPI(title="Chat", lifespan=lifespan)
    app.state.chat = chat
    app.add_exception_handler(StoreError, on_store_error)
    app.include_router(routes)
    return app


app = create_app(create_async_engine(os.environ.get("CHAT_URL", "sqlite+aiosqlite:///chat.db")))
