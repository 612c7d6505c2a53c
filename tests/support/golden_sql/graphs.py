"""The calls of `agentomatic_sql.graphs`: what the saver stores for LangGraph graphs."""

from __future__ import annotations

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from agentomatic_sql.encryption import Encryption
from agentomatic_sql.graphs import additions, checkpoints, deltas, listing, pruning, rekeying, removal, rows, writes
from agentomatic_sql.graphs.codec import codec
from agentomatic_sql.graphs.rows import Namespace, Run
from agentomatic_sql.graphs.targets import Addition
from agentomatic_sql.sealing.rekeying import Rekeying
from agentomatic_sql.tables import GRAPH_CHECKPOINTS, GRAPH_VALUES, GRAPH_WRITES
from tests.support.checkpoints import checkpoint

from .calls import Call, batch, call, has_writable_ctes, is_sharded, is_whole
from .rows import NAMESPACES, NOTHING, NUMBERED_NAMESPACES, row

CODEC = codec(JsonPlusSerializer(), None, strict=False)
KEYS = Encryption({"key": bytes(32)})
ENCRYPT, DECRYPT = (Rekeying.of(KEYS, decrypt=decrypt) for decrypt in (False, True))

NEW, KNOWN, OTHER = Namespace("t", ""), Namespace("t", "", 1, 0, 7), Namespace("u", "", 2, 0, 7)
SAVED, RUNS = [row(GRAPH_CHECKPOINTS)], [Run(1, 0, b"run"), Run(1, 1, b"run")]
BELOW = Namespace("t", "sub")
WRITTEN = [("c", b"row")]

# What the database answers: the rows of one statement each.
STATE = [(0, 7)]
"""A namespace's generation and epoch."""
HELD = [(1, 0, 7)]
"""The namespace with its id, whose epoch nobody has changed."""
PARENTS = [("a", None), ("b", "a"), ("c", "b")]
"""Three checkpoints, each with its parent."""
LATEST_BODY = [
    ("c", checkpoints.pack(CODEC, NEW, "c", checkpoint({}, {}, v=3), {}, {}, {}, {}, branch=False).body),
]
"""Of a format whose checkpoints need their parents' writes."""
WRITES = [("b", 1, 5, writes.pack(CODEC, NEW, "b", [("channel", 1)], "task", "")[0])]
SEGMENTS = [("c", "b", "[[1, 1]]")]
HIGHEST_POSITIONS = [(1, 5), (2, 0)]
"""Segment 1 goes on behind what is read, and nobody reads segment 2."""


def removal_of_all_but_latest() -> pruning._Removal:
    return pruning._Removal(CODEC, KNOWN, pruning._all_but_latest)


def part(number: int) -> bytes:
    """A body's part, as it is stored if the whole is too long for a row."""
    return b"\xff" + bytes(8) + number.to_bytes(4, "big") + b"\x00body"


LOOKED = (STATE, PARENTS, LATEST_BODY, WRITES)

REKEYING = [
    entry
    for table, key in zip(rekeying.parts(), ((1, 1, "c"), (1, 1, 1, 0), (1, 1, "c", 1)), strict=True)
    for entry in (
        call(table.left, f"count the rows of {table.name} to encrypt", ENCRYPT).answered([(1,)]),
        call(table.left, f"count the rows of {table.name} to decrypt", DECRYPT).answered([(1,)]),
        call(table.batch, f"encrypt the first rows of {table.name}", ENCRYPT, None)
        .answered([(*key, b"\x00body", "t", ""), (*key[:-1], 2, b"\x00body", "t", "")])
        .on_dialects(is_whole),
        call(table.batch, f"encrypt the first row of {table.name}", ENCRYPT, None)
        .answered([(*key, b"\x00body", "t", "")], [key], [(*key, b"\x00body", "t", "")])
        .on_dialects(is_sharded),
        call(table.batch, f"encrypt the next rows of {table.name}", ENCRYPT, key),
    )
]
REKEYED_PARTS = [(1, part(0)), (2, part(1))]
FIRST_PART = [(1, 1, "c", 1, part(0), "t", "")]

COPIED = [
    answer
    for table in (GRAPH_CHECKPOINTS, GRAPH_VALUES, GRAPH_WRITES)
    for answer in ([[row(table)[name] for name in rows.BOUND[table]]], [tuple(row(table).values())], NOTHING, NOTHING)
]
"""For each table the places of a page, its rows, their insertion, and no further page."""

CALLS: list[Call] = [
    # rows
    call(rows.get, "get the latest checkpoint", NEW, None),
    call(rows.get, "get a checkpoint", NEW, "c"),
    call(rows.locate, "find a namespace", NEW),
    call(rows.locate_all, "find a namespace and the root namespace", [BELOW, KNOWN]),
    call(rows.writes, "get the writes of checkpoints", KNOWN, ["b", "c"]),
    # additions
    batch(
        additions.add,
        "add to several known namespaces",
        Addition(KNOWN, 5, SAVED, RUNS),
        Addition(OTHER, 6, writes=WRITTEN),
    )
    .on_dialects(lambda dialect: has_writable_ctes(dialect) and is_whole(dialect))
    .finding(HELD, [(b"\x01",)], NOTHING, [(2, 0, 7)]),
    batch(additions.add, "add a checkpoint to a known namespace", Addition(KNOWN, 5, SAVED, RUNS[:1])).on_dialects(
        has_writable_ctes
    ),
    batch(
        additions.add,
        "add a checkpoint and writes to a known namespace",
        Addition(KNOWN, 5, writes=WRITTEN),
        Addition(KNOWN, 6, SAVED, RUNS[:1]),
    ).on_dialects(has_writable_ctes),
    batch(additions.add, "add writes to a known namespace", Addition(KNOWN, 5, writes=WRITTEN)).on_dialects(
        has_writable_ctes
    ),
    call(additions.add_alone, "add the first checkpoint of a namespace", Addition(NEW, 5, SAVED, RUNS)).finding(),
    call(
        additions.add_alone,
        "add the first checkpoint of a subgraph whose root namespace is known",
        Addition(BELOW, 5, SAVED, RUNS, root=KNOWN),
    ),
    call(additions.add_alone, "add a checkpoint to a known namespace", Addition(KNOWN, 5, SAVED, RUNS)).finding(
        [(1, 0, 8)], [(b"\x01",)]
    ),
    call(
        additions.add_alone, "add a whole checkpoint to a known namespace", Addition(KNOWN, 5, SAVED, RUNS, free=True)
    ),
    call(additions.add_alone, "add writes to a known namespace", Addition(KNOWN, 5, writes=WRITTEN)).finding(
        HELD, NOTHING
    ),
    call(
        additions.add_alone,
        "add a checkpoint with writes to a known namespace",
        Addition(KNOWN, 5, SAVED, RUNS, writes=WRITTEN),
    ),
    call(
        additions.add_alone, "add a long row of writes in many parts", Addition(KNOWN, 5, writes=WRITTEN * 5)
    ).on_dialects(has_writable_ctes),
    call(
        additions.add_alone,
        "add writes and delete the rows that they supersede",
        Addition(KNOWN, 5, writes=WRITTEN, superseded=[(1, 5), (2, 6)]),
    ),
    # listing
    call(listing.page, "list the checkpoints of a namespace", NEW, None, None, None, 50),
    call(listing.page, "list the checkpoints of a namespace before an id: a later page", NEW, None, "d", ("c", 1), 50),
    call(listing.page, "list the checkpoints of a namespace for a store's methods", NEW, None, None, None, 50, NEW),
    call(listing.page, "list the checkpoints of a thread", "t", None, None, None, 50),
    call(listing.page, "list the checkpoints of a thread with an id", "t", "c", None, None, 50),
    call(listing.page, "list the checkpoints of all threads: a later page", None, None, None, ("c", 1), 50),
    call(listing.belonging, "get the values and writes of a page of checkpoints", KNOWN, {1: 5}, {1: 3}, ("b", "c")),
    # deltas
    call(deltas._ancestors, "get the ancestors of a checkpoint", KNOWN, "c", 50),
    call(deltas._ancestors, "get the ancestors of the latest checkpoint", KNOWN, None, 50),
    # removal
    call(removal.namespaces, "get the namespaces of a thread", "t"),
    call(removal.some, "look whether graphs have stored anything"),
    call(removal.of_runs, "find the checkpoints that runs made", ["run"]).answered([(1, 1, "c")]),
    call(removal.remove_thread, "delete what graphs have stored in a thread", "t").answered(NOTHING, NAMESPACES),
    call(removal.copy, "copy what graphs have stored in a thread", "t", "new", None).answered(
        NOTHING, NUMBERED_NAMESPACES
    ),
    call(removal.copy, "copy what graphs have encrypted in a thread", "t", "new", KEYS).answered(
        NOTHING, NUMBERED_NAMESPACES, NOTHING, NOTHING, *COPIED
    ),
    # pruning
    call(pruning._look, "find the checkpoints to remove", removal_of_all_but_latest())
    .made_anew(removal_of_all_but_latest)
    .answered(*LOOKED),
    call(pruning._remove_batch, "remove the last of the checkpoints", removal_of_all_but_latest())
    .made_anew(removal_of_all_but_latest)
    .answered(STATE, *LOOKED, NOTHING, NOTHING, SEGMENTS, NOTHING, HIGHEST_POSITIONS),
    # rekeying
    *REKEYING,
    call(rekeying.parts()[-1].batch, "encrypt a row of graph_writes that is in parts", ENCRYPT, None)
    .answered(FIRST_PART, REKEYED_PARTS, REKEYED_PARTS)
    .on_dialects(is_whole),
    call(rekeying.parts()[-1].batch, "encrypt a locked row of graph_writes that is in parts", ENCRYPT, None)
    .answered(FIRST_PART, [(1, 1, "c", 1)], FIRST_PART, REKEYED_PARTS, REKEYED_PARTS)
    .on_dialects(is_sharded),
]
