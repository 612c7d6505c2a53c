"""Write sessions with Google ADK, and print its own answer, as `peers.py` asks."""

import asyncio
import json
import sys
from typing import Any

from google.adk.events import Event, EventActions
from google.adk.sessions import DatabaseSessionService
from google.genai import types

ROUNDS = {
    "first": [
        ("user", "user", [types.Part(text="Where is my parcel? 😀")]),
        ("courier", "model", [types.Part(function_call=types.FunctionCall(id="c1", name="find", args={"parcel": 7}))]),
        (
            "courier",
            "user",
            [types.Part(function_response=types.FunctionResponse(id="c1", name="find", response={"place": "Ulm"}))],
        ),
        ("courier", "model", [types.Part(text="I should say it.", thought=True), types.Part(text="It is in Ulm.")]),
    ],
    "second": [("user", "user", [types.Part(text="Thanks."), types.Part(text="Bye.")])],
}


async def service_of(kind: str, url: str) -> Any:
    if kind == "SqliteSessionService":
        from google.adk.sessions.sqlite_session_service import SqliteSessionService

        return SqliteSessionService(url.removeprefix("sqlite:///"))
    for plain, driver in (("postgresql", "asyncpg"), ("mariadb", "aiomysql"), ("sqlite", "aiosqlite")):
        url = url.replace(f"{plain}://", f"{'mysql' if plain == 'mariadb' else plain}+{driver}://")
    if kind == "version 0":
        from google.adk.sessions.schemas import v0
        from sqlalchemy.ext.asyncio import create_async_engine

        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(v0.Base.metadata.create_all)
        await engine.dispose()
    return DatabaseSessionService(url)


async def main(kind: str, url: str, name: str) -> None:
    service, found = await service_of(kind, url), {}
    for session_id in ("s1", "s2"):
        here = {"app_name": "courier_app", "user_id": "ada", "session_id": session_id}
        session = await service.get_session(**here) or await service.create_session(**here, state={"theme": "dark"})
        for author, role, parts in ROUNDS[name]:
            event = Event(
                author=author,
                invocation_id=f"i-{name}",
                content=types.Content(role=role, parts=parts),
                actions=EventActions(state_delta={"seen": name}),
            )
            await service.append_event(session, event)
        session = await service.get_session(**here)
        found[session_id] = [event.model_dump(exclude_none=True, mode="json") for event in session.events]
    if hasattr(service, "db_engine"):
        await service.db_engine.dispose()
    print(json.dumps(found), flush=True)


for line in sys.stdin:
    asyncio.run(main(*json.loads(line)))
