"""The calls of `agentomatic_sql.graphs`: what the saver stores for LangGraph graphs."""

from __future__ import annotations

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from agentomatic_sql.encryption import Encryption
from agentomatic_sql.graphs import additions, checkpoints, listing, pruning, rekeying, removal, rows, writes
from agentomatic_sql.graphs.additions import Addition
from agentomatic_sql.graphs.codec import codec
from agentomatic_sql.graphs.rows import Namespace, Run
from agentomatic_sql.models import GRAPH_CHECKPOINTS
from agentomatic_sql.sealing.rekeying import Rekeying
from tests.support.checkpoints import checkpoint

from .calls import Call, batch, call, has_writable_ctes
from .rows import NAMESPACES, NOTHING, row

CODEC = codec(JsonPlusSerializer(), None, strict=False)
ENCRYPT, DECRYPT = (Rekeying.of(Encryption({"key": bytes(32)}), decrypt=decrypt) for decrypt in (False, True))

NEW, KNOWN, OTHER = Namespace("t", ""), Namespace("t", "", 1, 0), Namespace("u", "", 2, 0)
SAVED, RUNS = [row(GRAPH_CHECKPOINTS)], [Run(1, 0, b"run"), Run(1, 1, b"run")]
WRITTEN = [("c", b"row")]

# What the database answers: the rows of one statement each.
GENERATION = [(0,)]
PARENTS = [("a", None), ("b", "a"), ("c", "b")]
"""Three checkpoints, each with its parent."""
LATEST_BODY = [
    ("c", checkpoints.pack(CODEC, checkpoint({}, {}, checkpoint_id="c", v=3), {}, {}, {}, {}, branch=False).body),
]
"""Of a format whose checkpoints need their parents' writes."""
WRITES = [("b", 1, writes.pack(CODEC, [("channel", 1)], "task", "")[0])]
SEGMENTS = [("c", "b", "[[1, 1]]")]
HIGHEST_POSITIONS = [(1, 5), (2, 0)]
"""Segment 1 goes on behind what is read, and nobody reads segment 2."""


def removal_of_all_but_latest() -> pruning._Removal:
    return pruning._Removal(CODEC, KNOWN, pruning._all_but_latest)


def part(number: int) -> bytes:
    """A body's part, as it is stored if the whole is too long for a row."""
    return b"\xff" + bytes(8) + number.to_bytes(4, "big") + b"\x00body"


LOOKED = (GENERATION, PARENTS, LATEST_BODY, WRITES)

REKEYING = [
    entry
    for table, key in zip(rekeying.parts(), ((1, "c"), (1, 1, 0), (1,)), strict=True)
    for entry in (
        call(table.left, f"count the rows of {table.name} to encrypt", ENCRYPT).answered([(1,)]),
        call(table.left, f"count the rows of {table.name} to decrypt", DECRYPT).answered([(1,)]),
        call(table.batch, f"encrypt the first rows of {table.name}", ENCRYPT, None).answered(
            [(*key, b"\x00body"), (*key[:-1], 2, b"\x00body")]
        ),
        call(table.batch, f"encrypt the next rows of {table.name}", ENCRYPT, key),
    )
]
REKEYED_PARTS = [(1, part(0)), (2, part(1))]

CALLS: list[Call] = [
    # rows
    call(rows.get, "get the latest checkpoint", NEW, None),
    call(rows.get, "get a checkpoint", NEW, "c"),
    call(rows.writes, "get the writes of checkpoints", 1, ["b", "c"]),
    # additions
    batch(
        additions.add,
        "add to several known namespaces",
        Addition(KNOWN, SAVED, RUNS),
        Addition(OTHER, writes=WRITTEN),
    ).on_dialects(has_writable_ctes),
    call(additions.add_alone, "add the first checkpoint of a namespace", Addition(NEW, SAVED, RUNS)).answered(
        NOTHING, [(1, 0)]
    ),
    call(additions.add_alone, "add a checkpoint to a known namespace", Addition(KNOWN, SAVED, RUNS)),
    call(additions.add_alone, "add writes to a known namespace", Addition(KNOWN, writes=WRITTEN)),
    call(
        additions.add_alone,
        "add writes and delete the rows that they supersede",
        Addition(KNOWN, writes=WRITTEN, superseded=[1, 2]),
    ),
    # listing
    call(listing.page, "list the checkpoints of a namespace", NEW, None, None, None, 50),
    call(listing.page, "list the checkpoints of a namespace before an id: a later page", NEW, None, "d", ("c", 1), 50),
    call(listing.page, "list the checkpoints of a namespace for a store's methods", NEW, None, None, None, 50, NEW),
    call(listing.page, "list the checkpoints of a thread", "t", None, None, None, 50),
    call(listing.page, "list the checkpoints of a thread with an id", "t", "c", None, None, 50),
    call(listing.page, "list the checkpoints of all threads: a later page", None, None, None, ("c", 1), 50),
    call(listing.belonging, "get the values and writes of a page of checkpoints", 1, {1: 5}, {1: 3}, ("b", "c")),
    # removal
    call(removal.namespaces, "get the namespaces of a thread", "t"),
    call(removal.some, "look whether graphs have stored anything"),
    call(removal.of_runs, "find the checkpoints that runs made", ["run"]).answered([(1, "c")]),
    call(removal.remove_thread, "delete what graphs have stored in a thread", "t").answered(NAMESPACES),
    call(removal.copy, "copy what graphs have stored in a thread", "t", "new").answered(NOTHING, NAMESPACES),
    # pruning
    call(pruning._look, "find the checkpoints to remove", removal_of_all_but_latest())
    .made_anew(removal_of_all_but_latest)
    .answered(*LOOKED),
    call(pruning._remove_batch, "remove the last of the checkpoints", removal_of_all_but_latest())
    .made_anew(removal_of_all_but_latest)
    .answered(GENERATION, [(3,)], *LOOKED, NOTHING, NOTHING, SEGMENTS, NOTHING, HIGHEST_POSITIONS),
    # rekeying
    *REKEYING,
    call(rekeying.parts()[-1].batch, "encrypt a row of graph_writes that is in parts", ENCRYPT, None).answered(
        REKEYED_PARTS[:1], [(1, "c")], REKEYED_PARTS, REKEYED_PARTS
    ),
]
