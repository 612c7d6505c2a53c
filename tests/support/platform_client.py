"""The example platform as a process of its own, and a client that keeps a journal of what it acknowledged."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Self

import httpx

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "platform"
Json = dict[str, Any]
Turn = tuple[str, str]
"""A message's role and content."""

_LISTENING = re.compile(r"Uvicorn running on (http://[0-9.:]+)")
_SWALLOWED = re.compile(r"Failed to (persist|save|store|load)|History loading failed|Studio could not|Traceback")
"""What the platform writes where it goes on without what its store refused."""

_log = logging.getLogger("platform")  # pytest shows its records with a test that fails
_log.setLevel(logging.INFO)


class Platform:
    """`examples/platform` under uvicorn on a free port, over one database, through any number of lives."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self._environment = {
            **os.environ,
            "AGENTOMATIC_SQL_URL": database_url,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
            "PYTHONUNBUFFERED": "1",
        }
        self.database_url = database_url
        self._folder = folder
        self.log: list[str] = []
        """What the process wrote, in all of its lives."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start the process and return when it takes requests."""
        listening = threading.Event()
        self.url = ""
        options = ["--app-dir", str(EXAMPLE), "--port", "0", "--no-access-log"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "serve:app", *options],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        self._reader = threading.Thread(target=self._read, args=(listening,), daemon=True)
        self._reader.start()
        if not listening.wait(timeout=120) or not self.url:
            self.kill()
            raise RuntimeError("the platform did not start:\n" + "\n".join(self.log))
        self.http = httpx.Client(base_url=self.url, timeout=60)

    def _read(self, listening: threading.Event) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self.log.append(line.rstrip())
                _log.info("%s", line.rstrip())
                if found := _LISTENING.search(line):
                    self.url = found[1]
                    listening.set()
        listening.set()

    def kill(self) -> None:
        """SIGKILL: no handler, no flush, no goodbye to the database."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM, as an orchestrator sends it; the exit status."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        self._process.send_signal(number)
        status = self._process.wait(timeout=60)
        self._reader.join(timeout=60)
        if hasattr(self, "http"):
            self.http.close()
        return status

    def call(self, method: str, path: str, *, status: int = 200, **request: Any) -> Any:
        """The answer's JSON; anything but `status` fails, with the answer."""
        response = self.http.request(method, path, **request)
        assert response.status_code == status, f"{method} {path}: {response.status_code} {response.text}"
        return response.json()

    def swallowed(self) -> list[str]:
        """The lines of the log in which the platform says that it went on without its store."""
        return [line for line in self.log if _SWALLOWED.search(line)]


@dataclass
class Journal:
    """Everything that the platform acknowledged, and what was on its way when the process was killed."""

    threads: dict[str, Json] = field(default_factory=dict)
    messages: defaultdict[str, list[Turn]] = field(default_factory=lambda: defaultdict(list))
    deleted: set[str] = field(default_factory=set)
    feedback: list[Json] = field(default_factory=list)
    pending: dict[str, Json] = field(default_factory=dict)
    decided: set[str] = field(default_factory=set)
    logs: defaultdict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    analyses: list[Json] = field(default_factory=list)
    runs: list[Json] = field(default_factory=list)
    traces: defaultdict[str, list[Json]] = field(default_factory=lambda: defaultdict(list))
    unanswered: dict[str, str] = field(default_factory=dict)
    """Thread and content of the turns without an answer: stored whole, by half or not at all."""
    unanswered_feedback: set[str] = field(default_factory=set)
    """Comments of the feedback without an answer."""


class Client:
    """Drives a platform over HTTP, and writes down in `journal` what it acknowledged."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.journal = Journal()
        self._ids = count()

    def new_id(self, name: str) -> str:
        """An id that no other test has."""
        return f"{name}-{next(self._ids)}"

    def call(self, method: str, path: str, *, status: int = 200, **request: Any) -> Any:
        return self.platform.call(method, f"/api/v1/{path}", status=status, **request)

    # threads

    def create_thread(self, thread_id: str, *, agent: str = "dialogues", **fields: Any) -> Json:
        thread: Json = self.call("POST", f"{agent}/threads", json={"thread_id": thread_id, **fields})
        self.journal.threads[thread_id] = thread
        return thread

    def get_thread(self, thread_id: str, *, status: int = 200) -> Any:
        return self.call("GET", f"dialogues/threads/{thread_id}", status=status)

    def patch_thread(self, thread_id: str, **fields: Any) -> Json:
        thread: Json = self.call("PATCH", f"dialogues/threads/{thread_id}", json=fields)
        self.journal.threads[thread_id] = thread
        return thread

    def delete_thread(self, thread_id: str) -> None:
        self.call("DELETE", f"dialogues/threads/{thread_id}")
        self._forget(thread_id)
        del self.journal.threads[thread_id]
        self.journal.deleted.add(thread_id)
        for thread in self.journal.threads.values():
            if thread["parent_thread_id"] == thread_id:
                thread["parent_thread_id"] = None

    def clear_messages(self, thread_id: str) -> Json:
        answer: Json = self.call("DELETE", f"dialogues/threads/{thread_id}/messages")
        self._forget(thread_id)
        self.journal.threads[thread_id] = answer["thread"]
        return answer

    def _forget(self, thread_id: str) -> None:
        journal = self.journal
        journal.messages.pop(thread_id, None)
        journal.traces.pop(thread_id, None)
        journal.feedback = [item for item in journal.feedback if item["thread_id"] != thread_id]
        journal.pending = {id_: s for id_, s in journal.pending.items() if s["thread_id"] != thread_id}

    def fork_thread(self, thread_id: str, message_index: int, new_thread_id: str) -> Json:
        request = {"message_index": message_index, "new_thread_id": new_thread_id}
        thread: Json = self.call("POST", f"dialogues/threads/{thread_id}/fork", json=request)
        self.journal.threads[new_thread_id] = thread
        self.journal.messages[new_thread_id] = self.journal.messages[thread_id][: message_index + 1]
        return thread

    def list_threads(self, user: str, *, agent: str = "dialogues") -> list[Json]:
        listing = self.call("GET", f"{agent}/threads", params={"user_id": user})
        assert listing["count"] == len(listing["threads"])
        return list(listing["threads"])

    def get_messages(self, thread_id: str, **page: int) -> list[Json]:
        answer = self.call("GET", f"dialogues/threads/{thread_id}/messages", params=page)
        assert answer["count"] == len(answer["messages"])
        return list(answer["messages"])

    def read_messages(self, thread_id: str, page_size: int = 20) -> list[Json]:
        """All messages of a thread, page by page."""
        messages: list[Json] = []
        while page := self.get_messages(thread_id, limit=page_size, offset=len(messages)):
            messages += page
        return messages

    # turns

    def chat(self, thread_id: str, content: str, *, user: str = "ada") -> Json:
        """One turn with the agent of the dialogues."""
        request = {"thread_id": thread_id, "content": content, "user_id": user}
        self.journal.unanswered[thread_id] = content
        answer: Json = self.call("POST", "dialogues/chat", json=request)
        self._note_turn(thread_id, user, content, answer["response"], "chat", title=content[:60])
        return answer

    def invoke(self, thread_id: str, content: str, *, user: str = "ada") -> Json:
        """One turn through the route without a session."""
        request = {"thread_id": thread_id, "query": content, "user_id": user}
        self.journal.unanswered[thread_id] = content
        answer: Json = self.call("POST", "dialogues/invoke", json=request)
        self._note_turn(thread_id, user, content, answer["response"], "invoke")
        return answer

    def stream(self, thread_id: str, content: str, *, user: str = "ada") -> list[str]:
        """One turn as server-sent events; the turn is stored when the stream ends."""
        request = {"thread_id": thread_id, "query": content, "user_id": user}
        self.journal.unanswered[thread_id] = content
        path = "/api/v1/dialogues/invoke/stream"
        with self.platform.http.stream("POST", path, json=request) as response:
            assert response.status_code == 200
            frames = _frames(response.iter_lines())
        reply = json.loads(frames[0])["response"]
        self._note_turn(thread_id, user, content, reply, "stream")
        return frames

    def _note_turn(
        self, thread_id: str, user: str, content: str, reply: str, endpoint: str, title: str | None = None
    ) -> None:
        journal = self.journal
        journal.unanswered.pop(thread_id, None)
        journal.threads.setdefault(thread_id, _thread(thread_id, user, "dialogues", title))
        journal.messages[thread_id] += [("user", content), ("assistant", reply)]
        journal.logs[thread_id].append((endpoint, "ok"))

    # approvals

    def suspend(self, thread_id: str, query: str, *, route: str = "chat", user: str = "ada") -> Json:
        """Ask for a refund, which is suspended: the approval that it waits for."""
        request = {"thread_id": thread_id, "user_id": user, "content" if route == "chat" else "query": query}
        self.journal.unanswered[thread_id] = query
        if route == "invoke/stream":
            response = self.platform.http.post(f"/api/v1/refunds/{route}", json=request)
            detail = json.loads(_frames(response.text.splitlines())[0])
        else:
            detail = self.call("POST", f"refunds/{route}", status=202, json=request)["detail"]
        assert detail["status"] == "suspended"
        self.journal.unanswered.pop(thread_id)
        title = query[:60] if route == "chat" else None
        self.journal.threads.setdefault(thread_id, _thread(thread_id, user, "refunds", title))
        self.journal.logs[thread_id].append((route.removeprefix("invoke/"), "suspended"))
        return self._note_pending(thread_id, detail)

    def _note_pending(self, thread_id: str, detail: Json) -> Json:
        self.journal.pending[detail["approval_id"]] = {"thread_id": thread_id, "node_name": detail["node_name"]}
        return detail

    def pending(self, thread_id: str) -> list[Json]:
        answer = self.call("GET", f"refunds/threads/{thread_id}/pending")
        assert answer["count"] == len(answer["pending"])
        return list(answer["pending"])

    def approve(self, thread_id: str, approval_id: str, *, status: int = 200, **context: Any) -> Json:
        """The resumed execution's answer, or with status=202 the next approval that it waits for."""
        request = {"approval_id": approval_id, "context": context}
        answer: Json = self.call("POST", f"refunds/threads/{thread_id}/approve", status=status, json=request)
        self._note_decided(approval_id)
        return answer if status == 200 else self._note_pending(thread_id, answer["detail"])

    def reject(self, thread_id: str, approval_id: str, reason: str) -> Json:
        request = {"approval_id": approval_id, "reason": reason}
        answer: Json = self.call("POST", f"refunds/threads/{thread_id}/reject", json=request)
        self._note_decided(approval_id)
        return answer

    def _note_decided(self, approval_id: str) -> None:
        del self.journal.pending[approval_id]
        self.journal.decided.add(approval_id)

    # feedback

    def rate(self, thread_id: str, *, user: str = "ada", agent: str = "dialogues", **fields: Any) -> Json:
        """Feedback through the platform's own route; the record."""
        params = {"thread_id": thread_id, "user_id": user, "agent_name": agent, **fields}
        comment = fields.get("comment", "")
        self.journal.unanswered_feedback.add(comment)
        record: Json = self.call("POST", "feedback", params=params)
        self.journal.unanswered_feedback.discard(comment)
        self.journal.feedback.append(params)
        return record

    def rate_agent(self, *, user: str = "ada", agent: str = "dialogues", **fields: Any) -> Json:
        """Feedback through the agent's route, which answers with an id of its own."""
        answer: Json = self.call("POST", f"{agent}/feedback", json={"user_id": user, **fields})
        assert answer["status"] == "recorded"
        fields = {"thread_id": "", **fields}
        self.journal.feedback.append({"user_id": user, "agent_name": agent, **fields})
        return answer

    def feedback(self, agent: str = "dialogues") -> list[Json]:
        """All feedback of an agent, the newest first."""
        answer = self.call("GET", "feedback", params={"agent_name": agent, "limit": 10_000})
        assert answer["count"] == len(answer["feedback"])
        return list(answer["feedback"])

    # the platform's own history

    def logs(self, **filters: Any) -> Json:
        answer: Json = self.call("GET", "logs", params=filters)
        assert answer["count"] == len(answer["logs"])
        return answer

    def analyze(self, name: str, **fields: Any) -> Json:
        answer = self.call("POST", "logs/analyze", json={"name": name, **fields})
        analysis: Json = answer["analysis"]
        if fields.get("persist", True):
            self.journal.analyses.append(analysis)
        return analysis

    def studio_run(self, thread_id: str, query: str, *, user: str = "ada") -> Json:
        """A turn in the studio, which keeps its trace as a checkpoint."""
        request = {"thread_id": thread_id, "query": query, "user_id": user}
        run: Json = self.platform.call("POST", "/studio/agents/dialogues/runs", json=request)
        assert run["status"] == "completed", run
        reply = run["output"]["output"]["response"]
        journal = self.journal
        journal.threads.setdefault(thread_id, _thread(thread_id, user, "dialogues", query[:60]))
        journal.messages[thread_id] += [("user", query), ("assistant", reply)]
        journal.traces[thread_id].append({"query": query, "response": reply})
        return run

    def studio_state(self, thread_id: str) -> Json:
        """Return the input and output of the thread's last run."""
        snapshot = self.platform.call("GET", f"/studio/agents/dialogues/threads/{thread_id}/state")
        state: Json = snapshot["state"]
        assert state["last_output"]["response"]
        return state

    def studio_history(self, thread_id: str) -> list[Json]:
        return list(self.platform.call("GET", f"/studio/agents/dialogues/threads/{thread_id}/history"))


def _frames(lines: Iterable[str]) -> list[str]:
    """The data of server-sent events."""
    return [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]


def _thread(thread_id: str, user: str, agent: str, title: str | None) -> Json:
    """Return the known part of a thread that a turn made."""
    known = {"thread_id": thread_id, "user_id": user, "agent_name": agent, "title": title}
    return {**known, "metadata": {}, "parent_thread_id": None}
