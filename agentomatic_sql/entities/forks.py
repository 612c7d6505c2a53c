"""Statements that fork a thread: a new thread with a copy of the first messages of another one.

Without encryption the server copies the rows. Encrypted fields are bound to their rows, so their copies are decrypted
and encrypted again: they go through this process, a page at a time.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, case, func, insert, literal, select
from sqlalchemy.exc import IntegrityError

from .. import tokens
from ..async_engine import AsyncConnection
from ..context import Context
from ..errors import ThreadExists
from ..graphs import removal
from ..inputs import Row
from ..operations import about, once
from ..ownership import attach, attached_thread, attaching, of_owner, on_threads_of_owner
from ..sealing.fields import Sealing
from ..statements import Group, Lost, Statement, Steps, fetch, number, parameter
from ..tables import CHECKPOINTS, MESSAGES, THREADS
from . import checkpoints, threads
from .threads import Stored

TAKEN = "a fork needs an id of its own"

_FORK_OF = "Fork of "
_PAGE = 500


def _new(_parent_id: str, _last_index: int, new_id: str, *_args: Any) -> Hashable:
    """Return the subject of a fork: its parent's record does not change."""
    return new_id


def fork_title(title: str | None, parent_title: str | None, parent_id: str) -> str:
    """Return a fork's title: the one given, else one that says what it was forked from."""
    return title or _FORK_OF + (parent_title or parent_id)


def find(
    context: Context, parent_id: str, last_index: int, new_id: str, title: str | None, at: datetime, epoch: int
) -> Steps[Stored | Lost]:
    """Return the fork if the thread has its epoch; else UNKNOWN: it may have been made, and deleted since."""
    rows = yield from fetch(threads.by_id, True, id=new_id)
    found = threads.stored(rows[0]) if rows else None
    return found if found is not None and tokens.same_thread(found.known.epoch, epoch) else Lost.UNKNOWN


@about(_new)
@once(find=find)
def fork(
    context: Context, parent_id: str, last_index: int, new_id: str, title: str | None, at: datetime, epoch: int
) -> Steps[Stored | None]:
    """Copy a thread and its messages 0 to `last_index` on the server; None if the parent does not exist.

    `epoch` is that of the new thread.

    The fork is counted in the parent's row (see `attaching`), so that nobody deletes the parent meanwhile.
    Raises `KeyTaken` if the new id is taken.
    """
    dialect, given = context.dialect, _values(parent_id, last_index, new_id, title, at, epoch)
    # In one statement, the server's row policies would not see the new thread yet.
    if dialect.changes_several_tables and context.told_user is None:
        rows = yield from fetch(_forking, **given)
    else:
        forking = [Statement(_making, (), given), Statement(_copying, (), given)]
        if not dialect.has_returning:
            forking.append(Statement(threads.by_id, (False,), {"id": new_id}))
        before = [Statement(make, (False, "parent_id"), given) for make in (attaching, attached_thread)]
        _none, found, *answers = yield Group([*before, *forking], last=True)
        rows = found and answers[0 if dialect.has_returning else -1]
    return threads.stored(rows[0]) if rows else None


def _values(parent_id: str, last_index: int, new_id: str, title: str | None, at: datetime, epoch: int) -> Row:
    return {
        "parent_id": parent_id,
        "last_index": last_index,
        "new_id": new_id,
        "title": title or None,
        "fallback": fork_title(None, None, parent_id),
        "at": at,
        "epoch": epoch,
    }


def _forking(context: Context) -> Any:
    """Fork in one statement; it reads the parent from the statement's snapshot, like the messages.

    A locked row would be read as it is now, with a counter that may be ahead of those messages. The lock only keeps the
    parent from being deleted, so forks and appends of one thread need not wait for each other's copies: PostgreSQL
    counts the fork last, because nothing in the statement refers to that.
    """
    counted = attaching(context, False, "parent_id").cte("counted")
    held = attached_thread(context, False, "parent_id").with_for_update(read=True, key_share=True).cte("held")
    parent = select(held.c.id).scalar_subquery()
    made = _making(context, parent).cte("made")
    return select(made).add_cte(counted, _copying(context, parent).cte("copied"))


def _parent_id() -> Any:
    return parameter(THREADS.c.id, "parent_id")


def _making(context: Context, parent: ColumnElement[Any] | None = None) -> Any:
    """Insert the new thread."""
    last = number("last_index")
    named = literal(_FORK_OF, THREADS.c.title.type) + func.nullif(THREADS.c.title, "")
    at = context.dialect.clock(parameter(THREADS.c.created_at, "at"))
    values = {
        "id": parameter(THREADS.c.id, "new_id"),
        "user_id": THREADS.c.user_id,
        "agent_name": THREADS.c.agent_name,
        "title": func.coalesce(parameter(THREADS.c.title), named, parameter(THREADS.c.title, "fallback")),
        "metadata": THREADS.c.metadata,
        "message_count": case((THREADS.c.message_count > last, last + 1), else_=THREADS.c.message_count),
        "parent_thread_id": THREADS.c.id,
        "fork_message_index": last,
        "created_at": at,
        "updated_at": at,
        "epoch": parameter(THREADS.c.epoch),
        "version": parameter(THREADS.c.epoch),
    }
    here = THREADS.c.id == (_parent_id() if parent is None else parent)
    making = insert(THREADS).from_select([*values], select(*values.values()).where(here, *of_owner(context)))
    return making.returning(*threads.COLUMNS, *threads.KNOWN) if context.dialect.has_returning else making


def _copying(context: Context, parent: ColumnElement[Any] | None = None) -> Any:
    """Insert copies of the messages."""
    names = ["position", "role", "content", "metadata", "created_at"]
    here = MESSAGES.c.thread_id == (_parent_id() if parent is None else parent)
    originals = select(parameter(THREADS.c.id, "new_id"), *(MESSAGES.c[name] for name in names))
    originals = originals.where(here, MESSAGES.c.position <= number("last_index"))
    originals = originals.where(*on_threads_of_owner(context, MESSAGES.c.thread_id))
    return insert(MESSAGES).from_select(["thread_id", *names], originals)


@about(_new)
@once
async def fork_with_checkpoints(
    connection: AsyncConnection,
    context: Context,
    parent_id: str,
    last_index: int,
    new_id: str,
    title: str | None,
    at: datetime,
    epoch: int,
) -> Stored | None:
    """Fork a thread with all its checkpoints, the store's and those of graphs; raises `ThreadExists`."""
    given = {**_values(parent_id, last_index, new_id, title, at, epoch), "owner": context.owner}
    if not await attach(connection, context, parent_id):
        return None
    try:
        await connection.execute(_making(context), given)
    except IntegrityError as error:
        raise ThreadExists(new_id, TAKEN) from error
    await connection.execute(_copying(context), given)
    await checkpoints.copy(connection, parent_id, new_id)
    await removal.copy_graphs(connection, context, parent_id, new_id, None)
    return await _made(connection, context, new_id)


async def _made(connection: AsyncConnection, context: Context, thread_id: str) -> Stored:
    """Return a thread that was made in this transaction."""
    given = {"id": thread_id, "owner": context.owner}
    return threads.stored((await connection.execute(threads.by_id(context, True), given)).one())


@about(lambda _sealing, *args: _new(*args))
@once
async def fork_encrypted(
    connection: AsyncConnection,
    context: Context,
    sealing: Sealing,
    parent_id: str,
    last_index: int,
    new_id: str,
    title: str | None,
    at: datetime,
    epoch: int,
    with_checkpoints: bool,
) -> Stored | None:
    """Fork a thread whose fields are encrypted; raises `ThreadExists` and `DecryptionFailed`."""
    if not await attach(connection, context, parent_id):
        return None
    original = select(THREADS).where(THREADS.c.id == parent_id)
    parent = (await connection.execute(original)).mappings().one()
    opened = sealing.columns(THREADS, parent)
    made = {
        **opened,
        "id": new_id,
        "title": fork_title(title, opened["title"], parent_id),
        "message_count": min(opened["message_count"], last_index + 1),
        "parent_thread_id": parent_id,
        "fork_message_index": last_index,
        "epoch": epoch,
        "version": epoch,
        "attached": 0,
    }
    now = context.dialect.clock(literal(at, THREADS.c.created_at.type))
    row = {**sealing.row(THREADS, made), "created_at": now, "updated_at": now}
    try:
        await connection.execute(insert(THREADS).values(row))
    except IntegrityError as error:
        raise ThreadExists(new_id, TAKEN) from error
    owner = {"user_id": parent["user_id"]}
    originals = select(MESSAGES).where(MESSAGES.c.thread_id == parent_id, MESSAGES.c.position <= last_index)
    await _copy_encrypted(connection, context, sealing, MESSAGES, originals, new_id, owner)
    if with_checkpoints:
        await checkpoints.refuse_existing(connection, new_id)
        originals = select(CHECKPOINTS).where(CHECKPOINTS.c.thread_id == parent_id)
        await _copy_encrypted(connection, context, sealing, CHECKPOINTS, originals, new_id, {})
        await removal.copy_graphs(connection, context, parent_id, new_id, sealing.encryption)
    return await _made(connection, context, new_id)


async def _copy_encrypted(
    connection: AsyncConnection,
    context: Context,
    sealing: Sealing,
    table: Table,
    originals: Select[Any],
    new_id: str,
    identity: Mapping[str, Any],
) -> None:
    """Copy rows to another thread in the order of their keys; each is decrypted and encrypted for its new row."""
    key = [column for column in table.primary_key.columns if column.name != "thread_id"]
    page = originals.order_by(*key).limit(_PAGE)
    found = (await connection.execute(page)).mappings().all()
    while found:
        rows = []
        for original in found:
            row: dict[str, Any] = {**sealing.columns(table, original, **identity), "thread_id": new_id}
            if table is MESSAGES:
                del row["id"]  # the server gives it anew
                row["token"] = tokens.new_token()
            rows.append(sealing.row(table, row, **identity))
        await connection.execute(insert(table), rows)
        last = [found[-1][column.name] for column in key]
        found = (await connection.execute(page.where(context.dialect.follows(key, last)))).mappings().all()
