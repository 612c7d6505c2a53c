"""Write threads with Chainlit's data layer, and print its own answer, as `peers.py` asks.

The layer makes no tables: these are those of its documentation.
"""

import asyncio
import json
import sys
import uuid

import chainlit
from chainlit.context import init_http_context
from chainlit.data.sql_alchemy import SQLAlchemyDataLayer
from chainlit.types import Feedback
from sqlalchemy import text

COLUMNS = {
    "users": "id UUID PRIMARY KEY, identifier TEXT NOT NULL UNIQUE, metadata JSONB NOT NULL, createdAt TEXT",
    "threads": "id UUID PRIMARY KEY, createdAt TEXT, name TEXT, userId UUID, userIdentifier TEXT, tags TEXT[], "
    "metadata JSONB",
    "steps": "id UUID PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, threadId UUID NOT NULL, parentId UUID, "
    "streaming BOOLEAN NOT NULL, waitForAnswer BOOLEAN, isError BOOLEAN, metadata JSONB, tags TEXT[], input TEXT, "
    "output TEXT, createdAt TEXT, command TEXT, start TEXT, end TEXT, generation JSONB, showInput TEXT, language TEXT, "
    "indent INT, defaultOpen BOOLEAN, modes JSONB",
    "elements": "id UUID PRIMARY KEY, threadId UUID, type TEXT, url TEXT, chainlitKey TEXT, name TEXT NOT NULL, "
    "display TEXT, objectKey TEXT, size TEXT, page INT, language TEXT, forId UUID, mime TEXT, props JSONB, "
    "autoPlay BOOLEAN, playerConfig JSONB",
    "feedbacks": "id UUID PRIMARY KEY, forId UUID NOT NULL, threadId UUID NOT NULL, value INT NOT NULL, comment TEXT",
}
THREADS = ["0b0a4d2e-6a4b-4b8e-8f43-3f0c2d1a9e01", "0b0a4d2e-6a4b-4b8e-8f43-3f0c2d1a9e02"]
ROUNDS = {
    "first": [
        ("user_message", "ada", "", "Where is my parcel? 😀"),
        ("run", "on_message", "Where is my parcel? 😀", ""),
        ("tool", "find", '{"parcel": 7}', "In Ulm."),
        ("assistant_message", "Courier", "", "It is in Ulm."),
    ],
    "second": [("user_message", "ada", "", "Thanks.")],
}


async def create(layer: SQLAlchemyDataLayer, *, portable: bool) -> None:
    for table, columns in COLUMNS.items():
        quoted = ", ".join(f'"{name}" {kind}' for name, _, kind in (one.partition(" ") for one in columns.split(", ")))
        if portable:
            quoted = quoted.replace("JSONB", "TEXT").replace("TEXT[]", "TEXT").replace("UUID", "TEXT")
        async with layer.engine.begin() as connection:
            await connection.execute(text(f"CREATE TABLE {table} ({quoted})"))


async def main(kind: str, url: str, name: str) -> None:
    init_http_context()
    plain = url.startswith("sqlite")
    url = url.replace("postgresql://", "postgresql+asyncpg://").replace("sqlite://", "sqlite+aiosqlite://")
    layer, found = SQLAlchemyDataLayer(url), {}
    if name == "first":
        await create(layer, portable=plain)
    user = await layer.create_user(chainlit.User(identifier="ada", metadata={"plan": "free"}))
    for thread_id in THREADS:
        tags = None if plain else ["parcel"]
        await layer.update_thread(thread_id, "My parcel", user.id, {"chat_profile": "Courier"}, tags)
        for number, (kind, by, given, output) in enumerate(ROUNDS[name]):
            step = {
                "id": str(uuid.uuid5(uuid.UUID(thread_id), f"{name} {number}")),
                "name": by,
                "type": kind,
                "threadId": thread_id,
                "streaming": False,
                "input": given,
                "output": output,
                "showInput": "json",
                "createdAt": f"2026-05-0{1 + (name == 'second')}T10:00:0{number}.250000Z",
                "metadata": {"n": number},
            }
            await layer.create_step(step)
        rated = str(uuid.uuid5(uuid.UUID(thread_id), f"first {3 if name == 'first' else 2}"))
        feedback = Feedback(forId=rated, value=int(name == "first"), threadId=thread_id, comment=f"the {name}")
        await layer.upsert_feedback(feedback)
        found[thread_id] = (await layer.get_thread(thread_id))["steps"]
    await layer.close()
    print(json.dumps(found), flush=True)


for line in sys.stdin:
    asyncio.run(main(*json.loads(line)))
