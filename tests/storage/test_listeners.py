"""Listeners of an engine, its log and its pre-ping: they are honoured on the driver's own connections, too."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from opentelemetry import metrics, trace
from opentelemetry.instrumentation.sqlalchemy.engine import EngineTracer
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import create_async_engine

from agentomatic_sql import DatabaseError, SQLAlchemyStore
from agentomatic_sql.execution import private_api
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support.checkpoints import config, latest, put
from tests.support.ways import is_direct
from tests.support.wire import wire


class Heard:
    """The statements that a listener has been told of, before and after."""

    def __init__(self, store: SQLAlchemyStore) -> None:
        self.before: list[tuple[str, Any]] = []
        self.after: list[tuple[str, Any]] = []
        self.tasks: set[Any] = set()
        event.listen(store.engine.sync_engine, "before_cursor_execute", self._before)
        event.listen(store.engine.sync_engine, "after_cursor_execute", self._after)

    def _before(self, connection: Any, _cursor: Any, text: str, arguments: Any, context: Any, many: bool) -> None:
        assert many == isinstance(arguments, list)
        assert context.statement == text
        assert context.executemany == (many and len(arguments) > 1)
        context.number = len(self.before)
        connection.info.setdefault("running", []).append(text)
        self.before.append((text, arguments))
        self.tasks.add(asyncio.current_task())

    def _after(self, connection: Any, _cursor: Any, text: str, arguments: Any, context: Any, _many: bool) -> None:
        assert self.before[context.number] == (text, arguments)
        assert connection.info["running"].pop() == text
        self.after.append((text, arguments))

    def texts(self) -> list[str]:
        return [text for text, _ in self.before]


async def use(store: SQLAlchemyStore) -> None:
    """Call what is called most, once each."""
    await store.create_thread("t", "ada", "agent")
    for number in range(3):
        await store.add_message("t", "user", str(number))
    assert await store.add_messages("t", [{"role": "user", "content": str(number)} for number in range(3, 6)])
    assert [message["index"] for message in await store.get_messages("t")] == list(range(6))
    assert await store.for_user("ada").get_thread("t") is not None
    saver = SQLAlchemySaver(store)
    await put(saver, config("t"), {"x": 1})
    assert (await latest(saver, config("t"))).checkpoint["channel_values"] == {"x": 1}
    await store.fork_thread("t", 1, "fork")
    assert await store.delete_thread("t")


async def test_listeners_hear_of_every_statement_once_as_sqlalchemy_tells_it(sql_store: SQLAlchemyStore) -> None:
    heard: dict[str, Heard] = {}
    for way in ("direct", "through SQLAlchemy"):
        async with SQLAlchemyStore(sql_store.engine.url) as store:
            await store.get_thread("t")
            heard[way] = Heard(store)
            if way != "direct":
                event.listen(store.engine.sync_engine, "begin", lambda _connection: None)
            assert is_direct(store) == (way == "direct")
            await use(store)
            assert await sql_store.delete_thread("fork")
        assert len(heard[way].before) == len(heard[way].after)
    assert sorted(heard["direct"].texts()) == sorted(heard["through SQLAlchemy"].texts())
    stored = [str(arguments) for text, arguments in heard["direct"].before if text.startswith(("INSERT", "WITH"))]
    assert any("'role'" in one or "user" in one for one in stored)


async def test_listeners_are_called_in_the_task_and_the_context_of_the_call(sql_store: SQLAlchemyStore) -> None:
    await sql_store.create_thread("t", "ada", "agent")
    heard = Heard(sql_store)
    await sql_store.add_message("t", "user", "x")
    await sql_store.get_messages("t")
    assert heard.tasks == {asyncio.current_task()}


async def test_concurrent_calls_with_listeners_are_exact(sql_store: SQLAlchemyStore) -> None:
    heard = Heard(sql_store)
    await sql_store.create_thread("t", "ada", "agent")
    added = await asyncio.gather(*(sql_store.add_message("t", "user", str(number)) for number in range(50)))
    assert sorted(message["index"] for message in added) == list(range(50))
    assert (await sql_store.get_thread("t") or {})["message_count"] == 50
    assert len(heard.before) == len(heard.after)
    assert is_direct(sql_store)


async def test_a_listener_may_rewrite_statements_and_parameters(sql_store: SQLAlchemyStore) -> None:
    def rewrite(_connection: Any, _cursor: Any, text: str, arguments: Any, *_more: Any) -> tuple[str, Any]:
        replaced = tuple("written by it" if argument == "written" else argument for argument in arguments)
        return f"{text} /* traced */", replaced

    await sql_store.create_thread("t", "ada", "agent")
    event.listen(sql_store.engine.sync_engine, "before_cursor_execute", rewrite, retval=True)
    sent: list[str] = []
    event.listen(sql_store.engine.sync_engine, "after_cursor_execute", lambda *told: sent.append(told[2]))
    await sql_store.add_message("t", "user", "written")
    (message,) = await sql_store.get_messages("t")
    assert message["content"] == "written by it"
    assert all(text.endswith(" /* traced */") for text in sent)
    assert is_direct(sql_store)


@pytest.mark.parametrize("by", ["cursor", "connection", "checkout"])
async def test_a_listener_that_executes_something_gets_sqlalchemys_way(sql_store: SQLAlchemyStore, by: str) -> None:
    executed: list[object] = []

    def before(connection: Any, cursor: Any, *_more: Any) -> None:
        if not connection.info.get("busy"):
            connection.info["busy"] = True
            try:
                if by == "cursor":
                    cursor.execute("SELECT 1", ())
                else:
                    connection.exec_driver_sql("SELECT 1")
                executed.append(by)
            finally:
                connection.info["busy"] = False

    def checkout(connection: Any, *_more: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("SELECT 1", ())
        executed.append(cursor.fetchall())
        cursor.close()

    await sql_store.create_thread("t", "ada", "agent")
    assert is_direct(sql_store)
    if by == "checkout":
        event.listen(sql_store.engine.sync_engine, by, checkout)
    else:
        event.listen(sql_store.engine.sync_engine, "before_cursor_execute", before)
    await sql_store.add_message("t", "user", "x")
    assert not is_direct(sql_store)
    assert executed
    assert len(await sql_store.get_messages("t")) == 1


async def test_a_listener_that_executes_something_afterwards_gets_sqlalchemys_way(
    sql_store: SQLAlchemyStore, caplog: pytest.LogCaptureFixture
) -> None:
    """A write that has committed itself stands: what its listener could not do is logged."""

    def after(_connection: Any, cursor: Any, *_more: Any) -> None:
        if cursor.description is None:
            cursor.execute("SELECT 1", ())

    await sql_store.create_thread("t", "ada", "agent")
    event.listen(sql_store.engine.sync_engine, "after_cursor_execute", after)
    await sql_store.add_message("t", "user", "x")
    assert not is_direct(sql_store)
    event.remove(sql_store.engine.sync_engine, "after_cursor_execute", after)
    assert len(await sql_store.get_messages("t")) == 1


async def test_a_listener_that_fails_before_a_statement_ends_the_call(sql_store: SQLAlchemyStore) -> None:
    def refuse(*_told: Any) -> None:
        raise RuntimeError("not now")

    await sql_store.create_thread("t", "ada", "agent")
    event.listen(sql_store.engine.sync_engine, "before_cursor_execute", refuse)
    with pytest.raises(RuntimeError, match="not now"):
        await sql_store.add_message("t", "user", "x")
    event.remove(sql_store.engine.sync_engine, "before_cursor_execute", refuse)
    assert await sql_store.get_messages("t") == []
    assert is_direct(sql_store)


async def test_a_listener_that_fails_after_a_query_ends_the_call(sql_store: SQLAlchemyStore) -> None:
    def refuse(*_told: Any) -> None:
        raise RuntimeError("too late")

    event.listen(sql_store.engine.sync_engine, "after_cursor_execute", refuse)
    with pytest.raises(RuntimeError, match="too late"):
        await sql_store.get_thread("t")
    event.remove(sql_store.engine.sync_engine, "after_cursor_execute", refuse)
    assert await sql_store.get_thread("t") is None


async def test_a_write_that_was_committed_stands_if_a_listener_fails_afterwards(
    sql_store: SQLAlchemyStore, caplog: pytest.LogCaptureFixture
) -> None:
    failed: list[str] = []

    def fail(_connection: Any, _cursor: Any, text: str, *_more: Any) -> None:
        failed.append(text)
        raise RuntimeError("too late")

    await sql_store.create_thread("t", "ada", "agent")
    event.listen(sql_store.engine.sync_engine, "after_cursor_execute", fail)
    stored = True
    try:
        await sql_store.add_feedback("t", "ada", "agent", rating=1)
    except RuntimeError:  # not the last statement: all is rolled back
        stored = False
    event.remove(sql_store.engine.sync_engine, "after_cursor_execute", fail)
    assert len(failed) == 1
    assert len(await sql_store.get_feedback()) == stored
    assert ("too late" in caplog.text) == stored


def break_statements(store: SQLAlchemyStore) -> Any:
    def break_(_connection: Any, _cursor: Any, _text: str, arguments: Any, *_more: Any) -> tuple[str, Any]:
        return "SELEKT nothing", ()

    event.listen(store.engine.sync_engine, "before_cursor_execute", break_, retval=True)
    return break_


async def test_errors_reach_their_listeners_as_from_sqlalchemy(sql_store: SQLAlchemyStore) -> None:
    told: dict[bool, list[Any]] = {}
    for direct in (True, False):
        async with SQLAlchemyStore(sql_store.engine.url) as store:
            await store.get_thread("t")
            errors: list[Any] = []
            event.listen(store.engine.sync_engine, "handle_error", errors.append)
            if not direct:
                event.listen(store.engine.sync_engine, "begin", lambda _connection: None)
            assert is_direct(store) == direct
            break_statements(store)
            with pytest.raises(DatabaseError):
                await store.create_thread("t", "ada", "agent")
            told[direct] = errors
    (ours,), (theirs,) = told[True], told[False]
    for error in (ours, theirs):
        assert isinstance(error.sqlalchemy_exception, DBAPIError)
        assert not error.is_disconnect
        assert error.execution_context is not None
    for name in ("statement", "parameters", "is_pre_ping"):
        assert getattr(ours, name) == getattr(theirs, name)
    for name in ("original_exception", "sqlalchemy_exception", "dialect", "engine", "connection"):
        assert type(getattr(ours, name)) is type(getattr(theirs, name))


async def test_a_listener_may_replace_an_error(sql_store: SQLAlchemyStore) -> None:
    class Mine(Exception):
        pass

    def replace(error: Any) -> Exception:
        return Mine(str(error.original_exception))

    event.listen(sql_store.engine.sync_engine, "handle_error", replace, retval=True)
    break_statements(sql_store)
    with pytest.raises(Mine):
        await sql_store.get_thread("t")
    assert is_direct(sql_store)


async def test_a_listener_may_say_that_the_connection_was_lost(sql_store: SQLAlchemyStore) -> None:
    broken = break_statements(sql_store)

    def lost(error: Any) -> None:
        error.is_disconnect = True
        event.remove(sql_store.engine.sync_engine, "before_cursor_execute", broken)

    event.listen(sql_store.engine.sync_engine, "handle_error", lost)
    assert await sql_store.get_thread("t") is None  # it is run again


async def test_a_cancelled_call_is_told_to_the_listeners_of_errors(server_url: str) -> None:
    errors: list[Any] = []
    async with wire(server_url) as proxy, SQLAlchemyStore(proxy.url, pool_size=1) as store:
        await store.get_thread("t")
        event.listen(store.engine.sync_engine, "handle_error", errors.append)
        heard = Heard(store)
        proxy.flowing.clear()
        call = asyncio.create_task(store.get_thread("t"))
        while not heard.before:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        proxy.flowing.set()
    assert [type(error.original_exception) for error in errors] == [asyncio.CancelledError]


async def test_a_lost_answer_with_listeners_is_stored_once(server_url: str) -> None:
    async with wire(server_url) as proxy, SQLAlchemyStore(proxy.url) as store:
        await store.create_thread("t", "ada", "agent")
        Heard(store)
        errors: list[Any] = []
        event.listen(store.engine.sync_engine, "handle_error", errors.append)
        proxy.cut = "before the answer"
        added = await store.add_message("t", "user", "x")
        assert await store.get_messages("t") == [added]
        assert proxy.cuts == 1
        assert [error.is_disconnect for error in errors] == [True]
        assert is_direct(store)


async def test_listeners_of_the_pool_hear_of_each_use(sql_store: SQLAlchemyStore) -> None:
    uses: list[str] = []

    def checkout(connection: Any, record: Any, proxy: Any) -> None:
        assert proxy.dbapi_connection is connection is record.dbapi_connection
        uses.append("out")

    event.listen(sql_store.engine.sync_engine, "checkout", checkout)
    event.listen(sql_store.engine.sync_engine, "checkin", lambda *_told: uses.append("in"))
    await sql_store.get_thread("t")
    await sql_store.create_thread("t", "ada", "agent")
    assert uses == ["out", "in"] * 2
    assert is_direct(sql_store)


async def test_a_listener_that_executes_at_the_checkin_gets_sqlalchemys_way(sql_store: SQLAlchemyStore) -> None:
    executed: list[Any] = []

    def checkin(connection: Any, *_more: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("SELECT 1", ())
        executed.append(cursor.fetchall())
        cursor.close()
        connection.rollback()

    event.listen(sql_store.engine.sync_engine, "checkin", checkin)
    await sql_store.create_thread("t", "ada", "agent")
    assert executed
    assert not is_direct(sql_store)
    await sql_store.add_message("t", "user", "x")
    assert len(await sql_store.get_messages("t")) == 1


async def test_a_listener_may_refuse_a_connection_at_the_checkout(sql_store: SQLAlchemyStore) -> None:
    """As the recipe for forked processes in SQLAlchemy's documentation does."""
    refused: list[object] = []

    def checkout(_connection: Any, record: Any, _proxy: Any) -> None:
        if record.info.setdefault("made_in", "the parent") == "the parent" and not refused:
            refused.append(record)
            raise DisconnectionError("made in another process")

    await sql_store.get_thread("t")
    event.listen(sql_store.engine.sync_engine, "checkout", checkout)
    assert await sql_store.get_thread("t") is None
    assert refused


@pytest.mark.parametrize("name", ["begin", "commit", "rollback", "savepoint", "engine_connect", "reset", "do_execute"])
async def test_listeners_to_what_only_sqlalchemy_does_get_its_way(sql_store: SQLAlchemyStore, name: str) -> None:
    heard: list[str] = []

    def hear(*_told: Any) -> None:
        heard.append(name)

    event.listen(sql_store.engine.sync_engine, name, hear)
    assert not is_direct(sql_store)
    await sql_store.create_thread("t", "ada", "agent")
    await sql_store.get_thread("t")
    assert heard or name in ("rollback", "savepoint")


async def test_without_a_private_name_listeners_get_sqlalchemys_way(
    sql_store: SQLAlchemyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_api, "_CAN_TELL", False)
    await sql_store.get_thread("t")
    assert is_direct(sql_store)
    heard = Heard(sql_store)
    assert not is_direct(sql_store)
    await sql_store.create_thread("t", "ada", "agent")
    assert heard.before


async def test_the_spans_of_opentelemetry_belong_to_the_callers_span(sql_store: SQLAlchemyStore) -> None:
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    tracer = provider.get_tracer("test")
    usage = metrics.get_meter("test").create_up_down_counter("usage")
    EngineTracer(tracer, sql_store.engine.sync_engine, usage, enable_commenter=True)  # type: ignore[no-untyped-call]
    await sql_store.create_thread("t", "ada", "agent")
    spans.clear()
    with tracer.start_as_current_span("mine") as mine:
        await sql_store.add_message("t", "user", "x")
        assert len(await sql_store.get_messages("t")) == 1
    *found, last = spans.get_finished_spans()
    assert last.name == "mine"
    assert found
    assert {span.parent and span.parent.span_id for span in found} == {mine.get_span_context().span_id}
    assert trace.get_current_span() is not mine
    assert is_direct(sql_store)


@pytest.mark.parametrize("way", ["echo", "logger"])
async def test_the_log_has_the_statements(database_url: str, caplog: pytest.LogCaptureFixture, way: str) -> None:
    if way == "logger":
        caplog.set_level(logging.INFO, "sqlalchemy.engine")
    async with SQLAlchemyStore(database_url, echo=way == "echo") as store:
        await store.get_thread("t")
        assert is_direct(store)
        caplog.clear()
        await store.create_thread("t", "ada", "agent", title="a secret")
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("sqlalchemy.engine")]
    assert any("INSERT INTO agentomatic_threads" in line for line in lines)
    assert "[raw sql] [SQL parameters hidden due to hide_parameters=True]" in lines
    assert "a secret" not in caplog.text


async def test_the_log_of_an_engine_that_shows_parameters_has_them(
    sql_store: SQLAlchemyStore, caplog: pytest.LogCaptureFixture
) -> None:
    engine = create_async_engine(sql_store.engine.url, echo=True)
    async with SQLAlchemyStore(engine=engine) as store:
        await store.get_thread("t")
        assert is_direct(store)
        await store.create_thread("t", "ada", "agent", title="no secret")
    await engine.dispose()
    lines = [record.getMessage() for record in caplog.records]
    assert any(line.startswith("[raw sql] (") and "no secret" in line for line in lines)


async def test_a_log_of_rows_gets_sqlalchemys_way(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    async with SQLAlchemyStore(database_url, echo="debug") as store:
        await store.create_thread("t", "ada", "agent")
        assert not is_direct(store)
    assert any(record.getMessage().startswith("Row (") for record in caplog.records) or "Row" in caplog.text


async def test_a_ping_notices_that_a_connection_is_dead(server_url: str) -> None:
    async with wire(server_url) as proxy, SQLAlchemyStore(proxy.url, pool_size=1, pool_pre_ping=True) as store:
        await store.create_thread("t", "ada", "agent")
        assert is_direct(store)
        await store.get_thread("t")
        before = proxy.round_trips
        await store.get_thread("t")
        assert proxy.round_trips - before == 2
        heard = Heard(store)
        errors: list[Any] = []
        event.listen(store.engine.sync_engine, "handle_error", errors.append)
        assert proxy.forget() == 1
        await store.add_feedback("t", "ada", "agent", rating=1)
        assert not errors  # no statement was sent on the dead connection
        assert len(heard.before) == len(heard.after)
        assert is_direct(store)
