"""No value becomes SQL text: the code is looked through, and every string of every method is a hostile text once."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import inspect as inspected

import agentomatic_sql
from agentomatic_sql import (
    BaseStore,
    IdempotencyConflict,
    InvalidInput,
    RecordExists,
    SQLAlchemyStore,
    ThreadExists,
    ThreadNotFound,
)
from agentomatic_sql.history import PlatformHistory

PACKAGE = Path(agentomatic_sql.__file__).parent

TAKES_SQL = {"text", "exec_driver_sql", "literal_column", "op"}
FORMATTED = {
    ("dialects/postgresql.py", "literal_column(f'\"{self.id_collation}\"')"),  # a constant of the dialect
    ("revision_ops.py", r"text(sql.replace(':', '\\:'))"),  # constants of the revisions, and the schema's quoted name
    ("execution/sizes.py", "connection.exec_driver_sql(f'SELECT @@{name}')"),  # a constant of the dialect
    (
        "dialects/sqlite.py",
        "connection.exec_driver_sql(f'PRAGMA busy_timeout = {milliseconds}')",
    ),  # a number of SQLite's
    ("dialects/sqlite.py", "connection.exec_driver_sql(f'PRAGMA busy_timeout = {_BUSY_MILLISECONDS}')"),  # constants
    (
        "dialects/sqlite.py",
        "connection.exec_driver_sql(f'PRAGMA busy_timeout = {min(milliseconds, _WAIT_MILLISECONDS)}')",
    ),
    ("graphs/rows.py", "literal_column(str(number), Integer())"),  # the kind of a row: one of three
    ("graphs/listing.py", "literal_column(str(number), Integer())"),
    ("graphs/deltas.py", "literal_column(str(number), Integer())"),
    ("checks.py", "connection.exec_driver_sql(asked)"),  # a constant of the dialect
    ("sealing/rekeying.py", "connection.exec_driver_sql(statement)"),  # a constant of the dialect, and our quoted names
    # names of ours and of the database's own catalog, quoted
    ("migrating/distribution.py", "connection.exec_driver_sql(f'DROP POLICY {quote(policy)} ON {of_name[table]}')"),
    ("execution/health.py", "text(context.dialect.version_query)"),
    ("execution/positions.py", "text(context.dialect.position_query)"),  # constants of the dialect
    ("execution/positions.py", "text(context.dialect.reached_query)"),
    ("entities/counts.py", "text(context.dialect.fresh_estimates)"),  # a constant of the dialect
    ("migrations.py", "text(dialect.row_security(table, on=on))"),  # a name of ours, quoted
    ("execution/transactions.py", "connection.exec_driver_sql(self._dialect.tell_user.tell, (context.told_user,))"),
    ("execution/transactions.py", "connection.exec_driver_sql(text, arguments)"),  # compiled, with its parameters
    ("migrating/noted.py", "text(statement)"),  # a revision's own
    ("moving/sessions/foreign.py", "connection.exec_driver_sql(asking)"),  # a constant of the dialect
    # a constant of the dialect
    ("execution/confirming.py", "literal_column(context.dialect.confirmation or 'true', Boolean())"),
    ("entities/threads.py", "literal_column(confirmation)"),
}
"""SQL text that the code makes; none of it contains a value that a caller gave."""


def made_into_sql() -> Iterator[tuple[str, str]]:
    """Calls that take SQL as text, and whose text is no constant."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if name.startswith(("testing/", "_alembic/")):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            own = isinstance(node.func, ast.Attribute) and called in ("text", "op")  # inputs.text, a column's op
            if called in TAKES_SQL and not own and not isinstance(node.args[0], ast.Constant):
                yield name, ast.unparse(node)


def test_sql_is_made_of_constants_and_parameters() -> None:
    assert set(made_into_sql()) == FORMATTED


HOSTILE = [
    "'; DROP TABLE agentomatic_threads; --",
    "\\'; DELETE FROM agentomatic_messages; #",
    '" OR "1"="1',
    "%s %(x)s %% {0} :name $1 $$ ? `threads`",
    "/*!50000 DROP TABLE agentomatic_threads*/",
    "\x00",
    "\ud800",
    "\u202eabc\u2066",
    "x" * 1_000_000,
]
PLAIN: dict[str, Any] = {
    "thread_id": "t",
    "parent_thread_id": "t",
    "new_thread_id": "fork",
    "user_id": "ada",
    "agent_name": "agent",
    "role": "user",
    "content": "x",
    "approval_id": "approval",
    "node_name": "node",
    "checkpoint_ns": "",
    "checkpoint_id": "c1",
    "log_id": "log",
    "run_id": "run",
    "summary": "",
    "status": "done",
    "experiment_id": "e",
    "parent_checkpoint_id": None,
    "endpoint": "",
    "message_index": 0,
    "messages": [{"role": "user", "content": "x"}],
    "state_json": {},
    "checkpoint": {},
    "metadata": {},
    "older_than": 3600,
    "score": None,
}
REFUSALS = (InvalidInput, ThreadNotFound, ThreadExists, RecordExists, IdempotencyConflict)


def calls() -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every method with what it needs, once for each of its parameters that is a string."""
    for name, method in inspect.getmembers(SQLAlchemyStore, inspect.isfunction):
        if name.startswith("_") or name in ("initialize", "close", "health_check", "for_user", "using"):
            continue
        parameters = dict(inspect.signature(method).parameters)
        del parameters["self"]
        needed = {
            one: PLAIN[one]
            for one, parameter in parameters.items()
            if parameter.default is inspect.Parameter.empty and parameter.kind is not inspect.Parameter.VAR_KEYWORD
        }
        for one, parameter in parameters.items():
            if "str" in str(parameter.annotation).split("[", maxsplit=1)[0]:
                yield name, needed, one
        if name == "update_thread":
            yield name, needed, "title"


async def called(store: BaseStore, name: str, named: dict[str, Any]) -> None:
    answer = getattr(store, name)(**named)
    if inspect.isasyncgen(answer):
        async for _item in answer:
            continue
    else:
        await answer


async def test_a_hostile_text_in_the_place_of_any_string_is_only_a_text(database_url: str) -> None:
    async with SQLAlchemyStore(database_url) as store:

        async def tables() -> set[str]:
            async with store.engine.connect() as connection:
                return set(await connection.run_sync(lambda own: inspected(own).get_table_names()))

        await store.create_thread("kept", "eve", "agent", title="kept")
        kept = await store.add_message("kept", "user", "kept")
        before, tried = await tables(), 0
        for name, needed, parameter in calls():
            for text in HOSTILE:
                await store.create_thread("t", "ada", "agent")
                with suppress(*REFUSALS):  # a typed refusal is an answer
                    await called(store, name, {**needed, parameter: text})
                tried += 1
        assert tried > 60 * len(HOSTILE)
        for text in HOSTILE:
            with suppress(InvalidInput):
                view = store.for_user(text)
                assert await view.get_messages("kept") == await view.list_threads() == []
                for name, needed, _parameter in calls():
                    aimed = {key: "kept" if key == "thread_id" else value for key, value in needed.items()}
                    if not hasattr(PlatformHistory, name):
                        with suppress(*REFUSALS):
                            await called(view, name, aimed)
        assert await tables() == before
        assert await store.get_messages("kept") == [kept]
        thread = await store.get_thread("kept")
        assert thread is not None
        assert (thread["title"], thread["message_count"]) == ("kept", 1)
