"""Checks of a platform's data against the journal of what it acknowledged."""

from __future__ import annotations

from collections import defaultdict

from tests.support.platform_client import Client, Json


def check_everything(client: Client) -> None:
    """All that the journal holds is stored, in order, once, with counts that agree; and nothing else is."""
    check_threads(client)
    check_feedback(client)
    check_approvals(client)
    check_history(client)
    check_stats(client)
    assert client.platform.swallowed() == []


def check_threads(client: Client) -> None:
    journal = client.journal
    users = defaultdict(set)
    for thread_id, expected in journal.threads.items():
        stored = client.get_thread(thread_id)
        known = {key: value for key, value in expected.items() if key not in ("message_count", "updated_at")}
        assert {key: stored[key] for key in known} == known
        users[stored["agent_name"], stored["user_id"]].add(thread_id)
        messages = client.read_messages(thread_id)
        said = [(message["role"], message["content"]) for message in messages]
        expected_turns = journal.messages[thread_id]
        assert said[: len(expected_turns)] == expected_turns
        late = said[len(expected_turns) :]
        assert len(late) <= (2 if thread_id in journal.unanswered else 0), late
        assert late[:1] in ([], [("user", journal.unanswered.get(thread_id))])
        assert [message["index"] for message in messages] == list(range(len(messages)))
        assert stored["message_count"] == len(messages) == len({message["id"] for message in messages})
    for thread_id in journal.deleted:
        client.get_thread(thread_id, status=404)
        assert client.get_messages(thread_id) == []
    for (agent, user), thread_ids in users.items():
        listing = client.list_threads(user, agent=agent)  # the route's own limit is 50
        times = [thread["updated_at"] for thread in listing]
        assert times == sorted(times, reverse=True)
        if len(thread_ids) <= 50:
            assert {thread["thread_id"] for thread in listing} - set(journal.unanswered) <= thread_ids
            assert thread_ids <= {thread["thread_id"] for thread in listing}


def check_feedback(client: Client) -> None:
    defaults = {"rating": None, "comment": None, "feedback_type": "thumbs", "correction": None}
    defaults |= {"query": "", "response": ""}
    given: dict[tuple[str, str], list[Json]] = defaultdict(list)
    for item in client.journal.feedback:
        given[item["agent_name"], item["thread_id"]].append({**defaults, **item})
    stored: dict[tuple[str, str], list[Json]] = defaultdict(list)
    for agent in ("dialogues", "refunds"):
        for record in reversed(client.feedback(agent)):
            stored[agent, record["thread_id"]].append(record)
    for key, items in given.items():
        records = stored[key][: len(items)]
        assert [{name: record[name] for name in items[0]} for record in records] == items
    late = [record["comment"] for key, records in stored.items() for record in records[len(given[key]) :]]
    assert len(late) == len(set(late))
    assert set(late) <= client.journal.unanswered_feedback


def check_approvals(client: Client) -> None:
    journal = client.journal
    waiting: dict[str, list[str]] = defaultdict(list)
    for approval_id, state in journal.pending.items():
        waiting[state["thread_id"]].append(approval_id)
    for thread_id in {thread["thread_id"] for thread in journal.threads.values()}:
        states = client.pending(thread_id)
        stored = [state["id"] for state in reversed(states)]
        assert stored[: len(waiting[thread_id])] == waiting[thread_id]
        assert len(stored) - len(waiting[thread_id]) <= (thread_id in journal.unanswered)
        assert not journal.decided.intersection(stored)
        for state in states[len(states) - len(waiting[thread_id]) :]:
            assert state["node_name"] == journal.pending[state["id"]]["node_name"]


def check_history(client: Client) -> None:
    journal = client.journal
    for thread_id, expected in journal.logs.items():
        answer = client.logs(thread_id=thread_id, limit=200)
        stored = [(log["endpoint"], log["status"]) for log in reversed(answer["logs"])]
        assert stored[: len(expected)] == expected
        assert answer["total"] == len(stored) == len({log["id"] for log in answer["logs"]})
        assert len(stored) - len(expected) <= (thread_id in journal.unanswered)
    latest = {(analysis["resource_type"], analysis["agent_name"]): analysis for analysis in journal.analyses}
    for (resource, name), analysis in latest.items():
        found = client.call("GET", "logs/analysis", params={"resource": resource, "name": name})["analysis"]
        assert {key: found[key] for key in analysis} == analysis
    for agent in ("dialogues", "refunds"):
        runs = [run for run in journal.runs if run["agent_name"] == agent]
        assert client.call("GET", f"{agent}/optimization-runs")["runs"] == runs[::-1]
    for thread_id, traces in journal.traces.items():
        states = [trace["state"] for trace in reversed(client.studio_history(thread_id))]
        assert [state["input"]["query"] for state in states] == [trace["query"] for trace in traces]
        assert [state["output"]["response"] for state in states] == [trace["response"] for trace in traces]


def check_stats(client: Client) -> None:
    journal = client.journal
    stats = client.call("GET", "storage/stats")
    counts = {
        "threads": (len(journal.threads), len(journal.unanswered)),
        "messages": (sum(map(len, journal.messages.values())), 2 * len(journal.unanswered)),
        "feedback": (len(journal.feedback), len(journal.unanswered_feedback)),
        "suspended_states": (len(journal.pending), len(journal.unanswered)),
        "checkpoints": (sum(map(len, journal.traces.values())), 0),
    }
    for name, (least, unsure) in counts.items():
        assert least <= stats[name] <= least + unsure, name
