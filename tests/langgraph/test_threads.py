"""Threads that call the saver while something ends under them: the saver, the event loop, their process's parent."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from agentomatic_sql import OtherEventLoop
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support import forked
from tests.support.checkpoints import config, put

# In a process of its own: the threads of SQLite's connections complain of a loop that ends.
PREAMBLE = """
import asyncio, json, os, signal, sys, threading
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support import forked
from tests.support.checkpoints import checkpoint, config, put

saver = SQLAlchemySaver(sys.argv[1], pool_timeout=10)
ended = []

def store():
    saver.put(config("t"), checkpoint({"x": 1}, {"x": "1"}), {}, {"x": "1"})

def until_refused(call, begun):
    try:
        while True:
            call()
            begun.set()
    except Exception as error:
        ended.append(type(error).__name__)
    except BaseException as error:  # a CancelledError of somebody else's
        ended.append("bare " + type(error).__name__)

def started(call, number=8):
    events = [threading.Event() for _ in range(number)]
    threads = [threading.Thread(target=until_refused, args=(call, event), daemon=True) for event in events]
    for thread in threads:
        thread.start()
    return events, threads

def report(threads):
    for thread in threads:
        thread.join(30)
    print(json.dumps({"waiting": sum(thread.is_alive() for thread in threads), "ended": ended}), flush=True)
    os._exit(0)
"""


def reported(program: str, url: str) -> dict[str, Any]:
    done = forked.run(PREAMBLE + program, url)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_close_ends_the_calls_of_other_threads(database_url: str) -> None:
    program = """
saver.setup()
store()
events, threads = started(lambda: store())
for event in events:
    event.wait()
saver.close()
report(threads)
"""
    assert reported(program, database_url) == {"waiting": 0, "ended": ["StoreClosed"] * 8}


def test_no_thread_waits_for_an_event_loop_that_has_ended(database_url: str) -> None:
    program = """
async def main():
    global threads
    await put(saver, config("t"), {"x": 1})
    events, threads = started(lambda: saver.get_tuple(config("t")))
    await asyncio.to_thread(lambda: [event.wait() for event in events])

asyncio.run(main())
threading.Timer(5, lambda: saver.close()).start()  # where they go on, on a loop in the background
report(threads)
"""
    found = reported(program, database_url)
    assert found["waiting"] == 0
    assert len(found["ended"]) == 8
    assert set(found["ended"]) <= {"EventLoopEnded", "OtherEventLoop", "StoreClosed"}


FORKING = """
def in_a_child(work):
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        try:
            said = work()
        except Exception as error:
            said = type(error).__name__
        sys.exit({None: 0, "ForkedProcess": 7}.get(said, 1))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
"""


def test_a_forked_process_makes_connections_of_its_own(server_url: str) -> None:
    program = """
saver.setup()
store()
events, threads = started(store)
for event in events:
    event.wait()
print(json.dumps({"children": [in_a_child(store) for _ in range(4)]}))
saver.close()
"""
    assert reported(FORKING + program, server_url) == {"children": [0] * 4}


def test_the_end_of_a_forked_process_leaves_the_parents_connections_alone(server_url: str) -> None:
    program = """
saver.setup()
store()
children = [in_a_child(store), in_a_child(lambda: None)]
signal.alarm(60)
store()
saver.close()
print(json.dumps({"children": children}))
"""
    assert reported(FORKING + program, server_url) == {"children": [0, 0]}


def test_a_forked_process_is_refused_a_file_that_its_parent_has_open(tmp_path: Path) -> None:
    program = """
saver.setup()
store()
refused = in_a_child(store)
healthy = in_a_child(lambda: asyncio.run(saver.store.health_check())["status"] == "healthy" or None)
saver.close()
closed = in_a_child(lambda: saver.setup() or store())
saver.setup()
print(json.dumps({"refused": refused, "healthy": healthy, "closed": closed, "stored": len(list(saver.list(None)))}))
saver.close()
"""
    found = reported(FORKING + program, f"sqlite:///{tmp_path}/store.db")
    assert found == {"refused": 7, "healthy": 0, "closed": 0, "stored": 2}


def test_a_lock_that_another_thread_holds_is_free_in_a_forked_process(tmp_path: Path) -> None:
    program = """
from agentomatic_sql.execution.processes import ProcessLock
lock, held = ProcessLock(), threading.Event()
threading.Thread(target=lambda: lock.held.acquire() and held.set() or threading.Event().wait(), daemon=True).start()
held.wait()
children = in_a_child(lambda: None if lock.held.acquire(timeout=10) else 1)
print(json.dumps({"children": children, "here": lock.held.locked()}))
"""
    found = reported(FORKING + program, f"sqlite:///{tmp_path}/store.db")
    assert found == {"children": 0, "here": True}


def test_a_thread_that_is_refused_does_not_keep_the_loop_from_its_saver(server_url: str) -> None:
    with asyncio.Runner() as runner:
        saver = SQLAlchemySaver(server_url)
        runner.run(put(saver, config("t"), {"x": 1}))
        for _ in range(2):
            with pytest.raises(OtherEventLoop):  # the loop that the connections belong to does not run
                saver.get_tuple(config("t"))
            assert runner.run(saver.aget_tuple(config("t"))) is not None
        runner.run(saver.aclose())
