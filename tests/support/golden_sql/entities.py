"""The calls of `agentomatic_sql.entities`: threads, messages, feedback and the rest of what a store keeps."""

from __future__ import annotations

from datetime import timedelta

from agentomatic_sql import inputs, records
from agentomatic_sql.encryption import Encryption
from agentomatic_sql.entities import (
    appends,
    checkpoints,
    counts,
    dated,
    deletion,
    feedback,
    forks,
    history,
    idempotency,
    messages,
    suspended,
    threads,
)
from agentomatic_sql.entities.appends import Append
from agentomatic_sql.entities.idempotency import Key
from agentomatic_sql.errors import RecordExists
from agentomatic_sql.history import ANALYSES, INVOCATIONS, RUNS
from agentomatic_sql.sealing.fields import Sealing
from agentomatic_sql.tables import CHECKPOINTS, FEEDBACK, MESSAGES, SUSPENDED_STATES, THREADS
from agentomatic_sql.tokens import Known

from .calls import USER, Call, batch, call, changes_one_table, changes_several_tables, has_row_security, is_whole
from .rows import AT, NAMESPACES, NOTHING, NUMBERED_NAMESPACES, row

KEY = Key("key", "digest")
AGENT = {"agent_name": "agent"}
USER_AND_AGENT = {"user_id": USER, "agent_name": "agent"}
FORK = ("parent", 3, "new", None, AT, 1)
KNOWN = Known(epoch=1, version=1, attached=0)
SEALING = Sealing(Encryption({"key": bytes(32)}).reading_all())
RATING = row(FEEDBACK, rating=5)
STATE = row(SUSPENDED_STATES)

# What the database answers: the rows of one statement each.
COUNTED = [("t", 3, AT, ""), ("u", 2, AT, "")]  # SQLite reads the counters before it adds several messages
FOUND = [("t",)]
LOCKED = [KNOWN[:3]]  # what is locked of a thread
THREAD = [tuple(row(THREADS).values())]
THREAD_RECORD = [tuple([row(THREADS)[name] for name in (*records.THREAD, *KNOWN._fields[:3])])]
MESSAGE = [tuple(row(MESSAGES, id=1, token=1).values())]
TIMES = [(STATE["created_at"], STATE["expires_at"])]
CHECKPOINT = [tuple(row(CHECKPOINTS, sequence=1).values())]


def append(thread_id: str, count: int, key: Key | None = None) -> Append:
    """Make what `add_message` and `add_messages` append."""
    append = Append.of(thread_id, [inputs.message("user", "hello", None)] * count, AT, key)
    return append._replace(epoch=KNOWN.epoch)


HISTORY = [
    entry
    for family, name in (
        (INVOCATIONS, "invocation logs"),
        (ANALYSES, "log analyses"),
        (RUNS, "optimization runs"),
    )
    for entry in (
        call(history.add, f"add to the {name}", family, row(history.TABLES[family])),
        call(history.get, f"get one of the {name}", family, "id"),
        call(history.page, f"list the {name}", family, {}, 50, 0),
        call(history.page, f"list the {name} of an agent from an offset", family, AGENT, 50, 100),
        call(history.count, f"count the {name} of an agent", family, AGENT).answered([(1,)]),
    )
]

CALLS: list[Call] = [
    # dated
    call(dated.add, "append messages that have times of their own", append("t", 3), False)
    .answered(NOTHING, [(3, AT, None)])
    .finding(LOCKED),
    call(dated.add, "append such messages with an idempotency key", append("t", 3, KEY), False).answered(
        NOTHING, [(3, AT, None)]
    ),
    # appends
    batch(appends.add, "append one message", append("t", 1)).finding(LOCKED),
    batch(appends.add, "append one message with an idempotency key", append("t", 1, KEY)),
    batch(appends.add, "append several messages to one thread", append("t", 3)).answered(NOTHING, COUNTED[:1]),
    batch(appends.add, "append several messages with an idempotency key", append("t", 3, KEY)).answered(
        NOTHING, COUNTED[:1]
    ),
    batch(appends.add, "append messages to several threads", append("t", 1), append("u", 2))
    .answered(NOTHING, COUNTED)
    .on_dialects(is_whole),
    batch(
        appends.add, "append messages to several threads with an idempotency key", append("t", 1, KEY), append("u", 2)
    )
    .answered(NOTHING, COUNTED)
    .on_dialects(is_whole),
    # messages
    call(messages.page, "read messages from an offset", "t", 100, 0, None),
    call(messages.page, "read the last messages", "t", 100, 0, 20),
    call(messages.page, "read encrypted messages, with what they are bound to", "t", 100, 0, None, sealed=True),
    call(messages.page_of_all, "read the messages of all threads: the first page", 100, None),
    call(messages.page_of_all, "read the messages of all threads: a later page", 100, ("t", 99)),
    # threads
    call(threads.create, "create a thread", row(THREADS)).finding(),
    call(threads.get, "get a thread", "t"),
    call(threads.know, "look at a thread before the first write to it", "t"),
    call(threads.owned, "look whether threads are the owner's", ["t", "u"]),
    call(threads.page, "list threads", {}, 50, 0, None),
    call(threads.page, "list threads of a user and an agent", USER_AND_AGENT, 50, 0, None),
    call(threads.page, "list threads from an offset", {}, 50, 100, None),
    call(threads.page, "list threads of an agent after the last one of a page", AGENT, 50, 0, (AT, "t")),
    call(threads.page, "list threads after the one with an id", {}, 50, 0, "t").answered(THREAD_RECORD),
    call(threads.page_by_id, "iterate over threads: the first page", {}, 200, None),
    call(threads.page_by_id, "iterate over threads of an agent: a later page", AGENT, 200, "t"),
    call(threads.change, "change the title of a thread", "t", KNOWN, {"title": "new"}, 2, AT).finding(LOCKED),
    call(
        threads.change,
        "change the title and the metadata of a thread",
        "t",
        KNOWN,
        {"title": "new", "metadata": "{}"},
        2,
        AT,
    ),
    call(deletion.remove, "delete a thread", "t", KNOWN).answered(LOCKED).finding(LOCKED),
    call(deletion.remove, "do not delete a thread in which graphs have stored something", "t", KNOWN)
    .answered(LOCKED, [(1,)])
    .on_dialects(changes_one_table),
    call(deletion.remove_locked, "delete a thread to which others attach something", "t", KNOWN)
    .answered(LOCKED, NOTHING)
    .finding(LOCKED)
    .on_dialects(changes_several_tables),
    call(deletion.remove_with_graphs, "delete a thread and what graphs have stored in it", "t", KNOWN).answered(
        [KNOWN._asdict()], *[NOTHING] * 7, NAMESPACES
    ),
    call(threads.lineage, "get the ancestors and the forks of a thread", "t"),
    # forks
    call(forks.fork, "fork a thread", *FORK).finding(),
    call(forks.fork, "fork a thread, when the server is told the user", *FORK)
    .in_view(row_security=True)
    .on_dialects(has_row_security),
    call(forks.fork_with_checkpoints, "fork a thread with its checkpoints", *FORK).answered(
        *[NOTHING] * 6, NUMBERED_NAMESPACES, *[NOTHING] * 5, THREAD_RECORD
    ),
    call(forks.fork_encrypted, "fork an encrypted thread", SEALING, *FORK, False).answered(
        NOTHING, THREAD, NOTHING, MESSAGE, NOTHING, NOTHING, THREAD_RECORD
    ),
    call(forks.fork_encrypted, "fork an encrypted thread with its checkpoints", SEALING, *FORK, True).answered(
        NOTHING, THREAD, *[NOTHING] * 3, CHECKPOINT, *[NOTHING] * 4, THREAD_RECORD
    ),
    # feedback
    call(feedback.add, "store feedback", RATING, None, 1).finding(LOCKED),
    call(feedback.add, "store feedback with an idempotency key", RATING, KEY, 1),
    call(feedback.add, "store feedback without a thread", RATING, None, None),
    call(feedback.add, "store feedback without a thread, with an idempotency key", RATING, KEY, None),
    call(feedback.page, "list feedback", {}, 50),
    call(feedback.page, "list feedback of a user on an agent", USER_AND_AGENT, 50),
    # suspended
    call(suspended.save, "save a suspended state", STATE).answered(TIMES, TIMES).finding(),
    call(suspended.save_for_owner, "save a suspended state", STATE)
    .in_view()
    .answered(NOTHING, NOTHING, FOUND, NOTHING, TIMES),
    call(suspended.save_for_owner, "do not save a suspended state under the id of another user's", STATE)
    .in_view()
    .answered(FOUND, NOTHING, NOTHING, FOUND)
    .raising(RecordExists),
    call(suspended.get, "get a suspended state", "s", AT),
    call(suspended.waiting, "list suspended states", {}, AT),
    call(suspended.waiting, "list suspended states of a thread", {"thread_id": "t"}, AT),
    call(suspended.claim, "claim a suspended state", "s", 1, AT).finding(FOUND),
    call(suspended.cleanup, "delete expired suspended states", AT),
    # checkpoints
    call(checkpoints.save, "save a checkpoint", row(CHECKPOINTS), 1).finding(LOCKED),
    call(checkpoints.save, "save a checkpoint without a thread", row(CHECKPOINTS), None),
    call(checkpoints.get, "get a checkpoint", "t", "", "c"),
    call(checkpoints.get, "get the latest checkpoint", "t", "", ""),
    call(checkpoints.page, "list checkpoints", "t", "", None, None),
    call(checkpoints.page, "list checkpoints before one of the store's own", "t", "", "c", 10).answered([(1, None)]),
    call(checkpoints.page, "list checkpoints before an unknown id", "t", "", "c", 10).answered([(None, None)]),
    # idempotency
    call(idempotency.find_messages, "find the messages of an idempotency key", "t", "key", False),
    call(idempotency.find_messages, "find the encrypted messages of an idempotency key", "t", "key", True),
    call(idempotency.find_feedback, "find the feedback of an idempotency key", "t", "key"),
    call(idempotency.forget, "delete old idempotency keys", AT, timedelta(days=7)),
    # counts
    call(counts.stats, "count everything", AT),
    call(counts.of_user, "count everything", AT).in_view(),
    *HISTORY,
]
