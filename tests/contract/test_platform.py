"""The public package `agentomatic` over this store: a real server, driven over HTTP, killed and started again."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any, cast

import httpx
import pytest
from agentomatic.logs.optimization_store import OptimizationRunStore
from agentomatic.storage import BaseStore

from agentomatic_sql import SQLAlchemyStore
from tests.support import servers
from tests.support.databases import SQL, chosen, server_of
from tests.support.platform_checks import check_everything
from tests.support.platform_client import Client, Json, Platform


@pytest.fixture(scope="module", params=chosen(("sqlite", *SQL)))
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of one platform for all tests of this module, on every database."""
    name: str = request.param
    folder = tmp_path_factory.mktemp("platform")
    if name == "sqlite":
        with Platform(f"sqlite+aiosqlite:///{folder}/platform.db", folder) as platform:
            yield Client(platform)
        return
    server = server_of(name)
    url = asyncio.run(servers.create_database(server))
    with Platform(url, folder) as platform:
        yield Client(platform)
    asyncio.run(servers.drop_database(server, url))


def test_chat_turns_build_a_history_that_the_agent_sees(client: Client) -> None:
    thread = client.new_id("history")
    answers = [client.chat(thread, line) for line in ("Hello", "Good morning, how are you?", "Hello")]
    assert [answer["history_loaded"] for answer in answers] == [0, 2, 4]
    heard = ["Hello", answers[0]["response"], "Good morning, how are you?", answers[1]["response"]]
    assert answers[2]["metadata"]["heard"] == heard
    messages = client.get_messages(thread)
    assert [message["content"] for message in messages] == [*heard, "Hello", answers[2]["response"]]
    assert [message["index"] for message in messages] == [0, 1, 2, 3, 4, 5]
    assert [message["metadata"].get("agent_name") for message in messages] == [None, "dialogues"] * 3
    record = client.get_thread(thread)
    assert (record["title"], record["user_id"], record["message_count"]) == ("Hello", "ada", 6)


def test_every_route_that_answers_stores_its_turn(client: Client) -> None:
    thread = client.new_id("routes")
    client.chat(thread, "Hello")
    client.invoke(thread, "What is AI?")
    frames = client.stream(thread, "What language are you written in?")
    assert frames[-1] == "[DONE]"
    client.studio_run(thread, "Are you sentient?")
    said = [message["content"] for message in client.get_messages(thread) if message["role"] == "user"]
    assert said == ["Hello", "What is AI?", "What language are you written in?", "Are you sentient?"]


@pytest.mark.parametrize(
    "line", ["什么是ai", "a\x00b", "🎈 naïve \u202e שלום", "x" * 200_000], ids=["corpus", "nul", "emoji", "long"]
)
def test_a_text_comes_back_as_it_was_sent(client: Client, line: str) -> None:
    thread = client.new_id("text")
    answer = client.chat(thread, line)
    assert [m["content"] for m in client.get_messages(thread)] == [line, answer["response"]]
    assert client.get_thread(thread)["title"] == line[:60]


def test_threads_are_created_listed_patched_and_deleted(client: Client) -> None:
    first, second, third = (client.new_id("thread") for _ in range(3))
    metadata = {"b": 1, "a": [None, 2.5, {"ü": "☃"}], "n": 2**70}
    created = client.create_thread(first, user_id="grace", title="One", metadata=metadata)
    assert (created["thread_id"], created["metadata"], created["message_count"]) == (first, metadata, 0)
    assert client.create_thread(first, user_id="grace", title="Other") == created
    client.create_thread(second, user_id="grace")
    client.create_thread(third, user_id="grace")
    patched = client.patch_thread(first, title="Uno", metadata={"new": True})
    assert (patched["title"], patched["metadata"]) == ("Uno", {"new": True})
    assert [thread["thread_id"] for thread in client.list_threads("grace")] == [first, third, second]
    assert client.list_threads("grace")[0] == patched == client.get_thread(first)
    client.delete_thread(third)
    assert [thread["thread_id"] for thread in client.list_threads("grace")] == [first, second]
    client.get_thread(third, status=404)
    client.call("DELETE", f"dialogues/threads/{third}", status=404)
    client.call("PATCH", f"dialogues/threads/{third}", status=404, json={"title": "gone"})


def test_messages_are_paged_and_cleared(client: Client) -> None:
    thread = client.new_id("pages")
    for number in range(12):
        client.chat(thread, f"line {number}")
    everything = client.get_messages(thread)
    assert len(everything) == 24
    assert client.read_messages(thread, page_size=7) == everything
    assert client.get_messages(thread, limit=5, offset=3) == everything[3:8]
    assert client.get_messages(thread, limit=5, offset=24) == []
    cleared = client.clear_messages(thread)
    assert (cleared["status"], cleared["thread"]["message_count"]) == ("cleared", 0)
    assert client.get_messages(thread) == []
    assert client.chat(thread, "Hello")["history_loaded"] == 0


def test_a_thread_is_forked_and_its_lineage_walked(client: Client) -> None:
    root, child, grandchild = (client.new_id(name) for name in ("root", "child", "grandchild"))
    for line in ("Hello", "What is AI?", "Hello"):
        client.chat(root, line)
    forked = client.fork_thread(root, 3, child)
    assert (forked["parent_thread_id"], forked["fork_message_index"], forked["message_count"]) == (root, 3, 4)
    copied, originals = client.get_messages(child), client.get_messages(root)[:4]
    for key in ("role", "content", "metadata", "timestamp", "index"):
        assert [message[key] for message in copied] == [message[key] for message in originals]
    client.fork_thread(child, 100, grandchild)
    client.chat(child, "Hello")
    assert len(client.get_messages(root)) == 6
    lineage = client.call("GET", f"dialogues/threads/{child}/lineage")
    assert [thread["thread_id"] for thread in lineage["ancestors"]] == [root]
    assert [thread["thread_id"] for thread in lineage["descendants"]] == [grandchild]
    lineage = client.call("GET", f"dialogues/threads/{grandchild}/lineage")
    assert [thread["thread_id"] for thread in lineage["ancestors"]] == [root, child]
    client.call("POST", "dialogues/threads/nowhere/fork", status=404, json={"message_index": 0})
    client.delete_thread(root)
    assert client.get_thread(child)["parent_thread_id"] is None
    assert len(client.get_messages(child)) == 6


def test_feedback_through_the_platforms_route_is_stored(client: Client) -> None:
    thread = client.new_id("rated")
    client.chat(thread, "Hello")
    record = client.rate(thread, rating=5, comment="good\x00 👍")
    assert (record["thread_id"], record["rating"], record["comment"]) == (thread, 5, "good\x00 👍")
    assert client.feedback()[0] == record
    assert client.rate("no-such-thread", rating=1)["thread_id"] == "no-such-thread"
    assert client.rate(thread, agent="refunds")["rating"] is None
    assert {item["agent_name"] for item in client.feedback()} == {"dialogues"}


@pytest.mark.parametrize("thread", [None, "", "no-such-thread"])
def test_feedback_through_the_agents_route_is_stored(client: Client, thread: str | None) -> None:
    given: Json = {
        "query": "What is AI?",
        "response": "Ask another",
        "correction": "Machines that learn",
        "rating": 2,
    }
    where = {} if thread is None else {"thread_id": thread}
    client.rate_agent(comment="short", feedback_type="correction", **given, **where)
    stored = client.call("GET", "dialogues/feedback", params={"limit": 1})["feedback"][0]
    assert stored == client.feedback()[0]
    assert {key: stored[key] for key in given} == given
    assert (stored["thread_id"], stored["feedback_type"]) == (thread or "", "correction")


def test_feedback_is_exported_as_examples_to_learn_from(client: Client) -> None:
    client.rate_agent(agent="refunds", query="refund 5", response="Refunded 5.", rating=5)
    client.rate_agent(agent="refunds", query="refund 6", response="No.", correction="Refunded 6.", rating=1)
    exported = client.call("GET", "refunds/feedback/export")
    lines = [json.loads(line) for line in exported["data"].split("\n")]
    assert exported["count"] == len(lines)
    answers = [(line["query"], line["expected_answer"], line["metadata"]["rating"]) for line in lines]
    assert answers == [("refund 6", "Refunded 6.", 1), ("refund 5", "Refunded 5.", 5)]


@pytest.mark.parametrize("route", ["chat", "invoke", "invoke/stream"])
def test_a_suspended_execution_waits_and_goes_on_when_approved(client: Client, route: str) -> None:
    thread = client.new_id("refund")
    approval = client.suspend(thread, "refund 120", route=route)
    (waiting,) = client.pending(thread)
    assert (waiting["id"], waiting["node_name"]) == (approval["approval_id"], "approve_refund")
    assert waiting["state_snapshot"]["current_query"] == "refund 120"
    assert [m["content"] for m in waiting["state_snapshot"]["messages"]] == ["refund 120"]
    answer = client.approve(thread, approval["approval_id"], by="grace")
    assert answer["response"] == "Refunded 120."
    assert answer["metadata"]["by"] == "grace"
    assert client.pending(thread) == []
    again = {"approval_id": approval["approval_id"]}
    client.call("POST", f"refunds/threads/{thread}/approve", status=404, json=again)


def test_a_second_human_can_be_asked_and_can_reject(client: Client) -> None:
    thread = client.new_id("refund")
    first = client.suspend(thread, "refund 5000")
    second = client.approve(thread, first["approval_id"], status=202, by="grace")
    assert second["node_name"] == "approve_again"
    assert [state["id"] for state in client.pending(thread)] == [second["approval_id"]]
    third = client.approve(thread, client.suspend(thread, "refund 6000")["approval_id"], status=202)
    answer = client.reject(thread, second["approval_id"], "too much")
    assert (answer["status"], answer["reason"]) == ("rejected", "too much")
    answer = client.approve(thread, third["approval_id"])
    assert answer["response"] == "Refunded 6000."
    assert client.pending(thread) == []


def test_storage_stats_count_what_was_stored(client: Client) -> None:
    before = client.call("GET", "storage/stats")
    thread = client.new_id("counted")
    client.chat(thread, "Hello")
    client.studio_run(thread, "Hello")
    client.rate(thread, rating=3)
    client.suspend(client.new_id("refund"), "refund 1")
    after = client.call("GET", "storage/stats")
    names = ("threads", "messages", "feedback", "suspended_states", "checkpoints")
    assert [after[name] - before[name] for name in names] == [2, 4, 1, 1, 1]


def test_health_and_status_report_the_store(client: Client) -> None:
    assert client.platform.call("GET", "/health")["storage"] == {"status": "healthy"}
    assert client.platform.call("GET", "/readiness")["status"] == "ready"
    storage = client.call("GET", "status")["storage"]
    assert (storage["status"], storage["backend"]) == ("healthy", "SQLAlchemyStore")
    assert storage["latency_ms"] > 0


def test_every_invocation_is_logged_and_counted(client: Client) -> None:
    thread, refund = client.new_id("logged"), client.new_id("logged-refund")
    for number in range(3):
        client.chat(thread, f"line {number}")
    client.invoke(thread, "Hello")
    client.suspend(refund, "refund 3")
    answer = client.logs(thread_id=thread, limit=2, offset=1)
    assert (answer["count"], answer["total"]) == (2, 4)
    assert [log["input"]["content"] for log in answer["logs"]] == ["line 2", "line 1"]
    entry = answer["logs"][0]
    assert (entry["resource_type"], entry["agent_name"], entry["status"]) == ("agent", "dialogues", "ok")
    assert entry["output"]["response"] == client.get_messages(thread)[5]["content"]
    assert client.call("GET", f"logs/{entry['id']}") == client.call("GET", f"dialogues/logs/{entry['id']}") == entry
    client.call("GET", f"refunds/logs/{entry['id']}", status=404)
    assert client.call("GET", "dialogues/logs", params={"thread_id": thread, "endpoint": "chat"})["total"] == 3
    assert client.logs(thread_id=refund, status="suspended")["total"] == 1
    assert client.logs(thread_id=refund, status="ok")["total"] == 0
    assert client.logs(thread_id=thread, resource="plugin")["total"] == 0


def test_analyses_of_the_logs_are_stored(client: Client) -> None:
    client.chat(client.new_id("analyzed"), "Hello")
    analysis = client.analyze("dialogues")
    assert (analysis["score"], analysis["status"]) == (1.0, "healthy")
    latest = client.call("GET", "logs/analysis", params={"name": "dialogues"})["analysis"]
    assert {key: latest[key] for key in analysis} == analysis
    client.analyze("dialogues", persist=False)
    assert client.call("GET", "dialogues/logs/analysis")["analysis"] == latest
    empty = client.analyze("nothing", resource="plugin")
    assert (empty["score"], empty["status"]) == (None, "unknown")
    client.call("GET", "logs/analysis", status=404, params={"name": "nothing"})


def test_optimization_runs_of_a_trainer_beside_the_platform_are_served(client: Client) -> None:
    async def train() -> list[Json | None]:
        async with SQLAlchemyStore(client.platform.database_url) as store:
            runs = OptimizationRunStore(cast("BaseStore", store))  # it is one by registration, which mypy cannot see
            return [await runs.save_run(**run) for run in experiments]

    experiments: list[Any] = [
        {"experiment_id": "tone", "agent_name": "dialogues", "baseline_score": 0.5, "best_score": 0.75},
        {"experiment_id": "tone", "agent_name": "dialogues", "score_history": [0.5, 1.0], "learnings": ["brief"]},
        {"experiment_id": "size", "agent_name": "dialogues", "prompt_versions": {"best": "v2"}},
        {"experiment_id": "tone", "agent_name": "refunds"},
    ]
    saved = [run for run in asyncio.run(train()) if run is not None]
    assert len(saved) == 4
    client.journal.runs += saved
    served = client.call("GET", "dialogues/optimization-runs", params={"experiment_id": "tone"})
    assert served["runs"] == [saved[1], saved[0]]
    assert (served["runs"][0]["score_history"], served["runs"][0]["learnings"]) == ([0.5, 1.0], ["brief"])
    assert client.call("GET", "dialogues/optimization-runs", params={"limit": 1})["runs"] == [saved[2]]


def test_the_studio_keeps_its_traces_as_checkpoints(client: Client) -> None:
    thread = client.new_id("studio")
    for line in ("Hello", "What is AI?", "Hello"):
        client.studio_run(thread, line)
    third, second, first = client.studio_history(thread)
    assert [trace["step"] for trace in (first, second, third)] == [1, 2, 3]
    assert [trace["parent_id"] for trace in (first, second, third)] == [None, first["id"], second["id"]]
    assert third["state"]["input"]["messages"][0]["content"] == "Hello"


def test_sixteen_clients_can_begin_a_thread_and_chat_in_it_at_once(client: Client) -> None:
    thread = client.new_id("busy")
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: client.chat(thread, f"line {number}"), range(48)))
    messages = client.get_messages(thread)
    assert [message["index"] for message in messages] == list(range(96))
    assert sorted(m["content"] for m in messages if m["role"] == "user") == sorted(f"line {n}" for n in range(48))
    record = client.get_thread(thread)
    assert record["message_count"] == 96
    client.journal.threads[thread] = record  # whose title it has is the first one's
    client.journal.messages[thread] = [(message["role"], message["content"]) for message in messages]


def test_a_clean_stop_closes_the_store_and_loses_nothing(client: Client) -> None:
    client.chat(client.new_id("stopped"), "Hello")
    client.platform.stop()
    assert any("Storage backend closed" in line for line in client.platform.log)
    client.platform.start()
    check_everything(client)


def test_everything_acknowledged_survives_sigkill(client: Client) -> None:
    talk, refund = client.new_id("survivor"), client.new_id("survivor-refund")
    client.chat(talk, "Hello")
    client.studio_run(talk, "What is AI?")
    client.rate(talk, rating=4, comment="before the kill")
    client.rate_agent(query="Hello", response="Hi", rating=5, thread_id=talk)
    approval = client.suspend(refund, "refund 80")
    client.analyze("refunds")
    shown = client.studio_state(talk)
    client.platform.kill()
    client.platform.start()
    check_everything(client)
    assert {**client.studio_state(talk), "updated_at": shown["updated_at"]} == shown

    assert client.chat(talk, "Hello")["history_loaded"] == 4
    assert client.approve(refund, approval["approval_id"])["response"] == "Refunded 80."
    last = client.studio_history(talk)[0]
    client.studio_run(talk, "Hello")
    assert client.studio_history(talk)[0]["parent_id"] == last["id"]
    check_everything(client)


def test_everything_acknowledged_survives_sigkill_amid_traffic(client: Client) -> None:
    acknowledged = threading.Semaphore(0)

    def work(number: int) -> None:
        talk, refund = f"traffic-{number}", f"traffic-refund-{number}"
        for turn in count():
            try:
                client.chat(talk, f"line {turn}", user="traffic")
                client.rate(talk, user="traffic", rating=1 + turn % 5, comment=f"{talk} {turn}")
                client.suspend(refund, f"refund {turn}", user="traffic")
            except httpx.TransportError:
                return
            acknowledged.release()

    with ThreadPoolExecutor(8) as pool:
        workers = [pool.submit(work, number) for number in range(8)]
        arrived = all(acknowledged.acquire(timeout=60) for _ in range(40))
        client.platform.kill()
    for worker in workers:
        worker.result()
    assert arrived, "the platform was too slow for forty rounds of traffic in a minute"
    client.platform.start()
    check_everything(client)
