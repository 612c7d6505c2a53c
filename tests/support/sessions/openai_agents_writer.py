"""Write sessions with the OpenAI Agents SDK, and print its own answer, as `peers.py` asks."""

import asyncio
import json
import sys

from agents import SQLiteSession
from agents.extensions.memory import SQLAlchemySession

ROUNDS = {
    "first": [
        {"role": "user", "content": "Where is my parcel? 😀"},
        {"type": "reasoning", "id": "r1", "summary": [{"type": "summary_text", "text": "I should look."}]},
        {"type": "function_call", "call_id": "c1", "name": "find", "arguments": '{"parcel": 7}'},
        {"type": "function_call_output", "call_id": "c1", "output": "In Ulm."},
        {
            "type": "message",
            "id": "m1",
            "status": "completed",
            "role": "assistant",
            "content": [
                {"type": "output_text", "text": "It is", "annotations": []},
                {"type": "output_text", "text": "in Ulm.", "annotations": []},
            ],
        },
    ],
    "second": [{"role": "user", "content": [{"type": "input_text", "text": "Thanks."}]}],
}


async def main(kind: str, url: str, name: str) -> None:
    found, driven = {}, url.replace("postgresql:", "postgresql+asyncpg:").replace("sqlite:", "sqlite+aiosqlite:")
    for session_id in ("ada-1", "ada-2"):
        if kind == "SQLiteSession":
            session = SQLiteSession(session_id, url.removeprefix("sqlite:///"))
        else:
            session = SQLAlchemySession.from_url(session_id, url=driven, create_tables=True)
        await session.add_items(ROUNDS[name])
        found[session_id] = await session.get_items()
        if kind == "SQLAlchemySession":
            await session.engine.dispose()
    print(json.dumps(found), flush=True)


for line in sys.stdin:
    asyncio.run(main(*json.loads(line)))
