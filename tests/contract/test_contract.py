"""The published contract: on every store of the package, on an incomplete store, and on stores that are wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from agentomatic_sql import BaseStore, MemoryStore, NotSupported
from agentomatic_sql.history import Family
from agentomatic_sql.testing import StoreContract
from tests.support.shared import SharedStore

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]


class TestContract(SharedStore, StoreContract):
    """The whole interface, on every database; the fixture `shared_store` is that of conftest.py."""


class Minimal(BaseStore):
    """The five methods that a store must have, with the platform's own arguments."""

    def __init__(self) -> None:
        self._kept = MemoryStore()

    async def create_thread(self, thread_id: str, user_id: str, agent_name: str, **fields: Any) -> dict[str, Any]:
        return await self._kept.create_thread(thread_id, user_id, agent_name, **fields)

    async def get_thread(self, thread_id: str) -> dict[str, Any] | None:
        return await self._kept.get_thread(thread_id)

    async def list_threads(  # type: ignore[override] # without after=, which the platform does not know
        self, *, agent_name: str | None = None, user_id: str | None = None, limit: int = 50, offset: int = 0
    ) -> list[dict[str, Any]]:
        return await self._kept.list_threads(agent_name=agent_name, user_id=user_id, limit=limit, offset=offset)

    async def add_message(  # type: ignore[override] # without idempotency_key=, likewise
        self, thread_id: str, role: str, content: str, *, metadata: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        return await self._kept.add_message(thread_id, role, content, metadata=metadata)

    async def get_messages(  # type: ignore[override] # without last=, which the platform does not know
        self, thread_id: str, *, limit: int = 100, offset: int = 0
    ) -> list[dict[str, Any]]:
        return await self._kept.get_messages(thread_id, limit=limit, offset=offset)


class KeepsLogs(Minimal):
    """Overrides the four methods for invocation logs, and nothing else of the platform's history."""

    async def create_invocation_log(self, **fields: Any) -> dict[str, Any]:
        return await self._kept.create_invocation_log(**fields)

    async def get_invocation_log(self, log_id: str) -> dict[str, Any] | None:
        return await self._kept.get_invocation_log(log_id)

    async def list_invocation_logs(self, **filters: Any) -> list[dict[str, Any]]:
        return await self._kept.list_invocation_logs(**filters)

    async def count_invocation_logs(self, **filters: Any) -> int:
        return await self._kept.count_invocation_logs(**filters)


class KeepsHistory(Minimal):
    """Overrides the four hooks, and so has the platform's whole history."""

    async def _add_history(self, family: Family, /, **fields: Any) -> dict[str, Any]:
        return await self._kept._add_history(family, **fields)

    async def _get_history(self, family: Family, record_id: str, /) -> dict[str, Any] | None:
        return await self._kept._get_history(family, record_id)

    async def _list_history(self, family: Family, limit: int, offset: int, /, **filters: Any) -> list[dict[str, Any]]:
        return await self._kept._list_history(family, limit, offset, **filters)

    async def _count_history(self, family: Family, /, **filters: Any) -> int:
        return await self._kept._count_history(family, **filters)


# what a store does that implements nothing more


@pytest.mark.parametrize(
    ("method", "write"),
    [
        ("update_thread", lambda store: store.update_thread("t", title="x")),
        ("delete_thread", lambda store: store.delete_thread("t")),
        ("add_messages", lambda store: store.add_messages("t", [])),
        ("add_feedback", lambda store: store.add_feedback("t", "ada", "agent")),
        ("save_suspended_state", lambda store: store.save_suspended_state("a", "t", "agent", "node", {})),
        ("delete_suspended_state", lambda store: store.delete_suspended_state("a")),
        ("fork_thread", lambda store: store.fork_thread("t", 0, "fork")),
        ("save_checkpoint", lambda store: store.save_checkpoint("t", "", "c", None, {}, {})),
        ("create_invocation_log", lambda store: store.create_invocation_log(agent_name="agent")),
        (
            "save_log_analysis",
            lambda store: store.save_log_analysis(agent_name="agent", score=1, summary="x", status="ok"),
        ),
        (
            "create_optimization_run",
            lambda store: store.create_optimization_run(agent_name="agent", experiment_id="e"),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_write_that_a_store_lacks_raises_not_supported(
    method: str, write: Callable[[BaseStore], Awaitable[object]]
) -> None:
    with pytest.raises(NotSupported, match=f"Minimal does not implement {method}") as caught:
        await write(Minimal())
    assert (caught.value.store, caught.value.method) == ("Minimal", method)
    assert isinstance(caught.value, NotImplementedError)


async def test_a_read_that_a_store_lacks_finds_nothing() -> None:
    async with Minimal() as store:
        await store.create_thread("t", "ada", "agent")
        assert await store.get_feedback() == []
        assert await store.get_suspended_state("a") is None
        assert await store.list_suspended_states() == []
        assert await store.claim_suspended_state("a") is None
        assert await store.cleanup_expired_states() == 0
        assert await store.get_thread_lineage("t") == {"thread_id": "t", "ancestors": [], "descendants": []}
        assert await store.get_checkpoint("t", "", "c") is None
        assert await store.list_checkpoints("t", "") == []
        assert await store.get_invocation_log("l") is None
        assert await store.list_invocation_logs() == []
        assert await store.count_invocation_logs() == 0
        assert await store.get_latest_log_analysis("agent") is None
        assert await store.list_log_analyses() == []
        assert await store.get_optimization_run("r") is None
        assert await store.list_optimization_runs() == []
        assert await store.get_stats() == {"backend": "Minimal"}
        assert await store.health_check() == {"status": "healthy", "backend": "Minimal"}


async def test_a_store_without_history_accepts_any_argument_of_its_methods() -> None:
    nonsense = object()
    minimal: Any = Minimal()
    fields = {"agent_name": nonsense, "metadata": {1: nonsense}}
    for write in (
        minimal.create_invocation_log(**fields, duration_ms="long"),
        minimal.save_log_analysis(**fields, score="high", summary=None, status=nonsense),
        minimal.create_optimization_run(**fields, experiment_id=None),
    ):
        with pytest.raises(NotSupported):
            await write
    window = {"agent_name": nonsense, "limit": -1, "offset": "x"}
    assert await minimal.list_invocation_logs(**window) == []
    assert await minimal.list_log_analyses(**window) == []
    assert await minimal.list_optimization_runs(**window) == []
    assert await minimal.count_invocation_logs(agent_name=nonsense) == 0
    assert await minimal.get_invocation_log(nonsense) is None
    assert await minimal.get_latest_log_analysis(nonsense, resource_type=nonsense) is None
    assert await minimal.get_optimization_run(nonsense) is None


async def test_a_store_may_override_single_methods_of_the_history() -> None:
    store = KeepsLogs()
    log = await store.create_invocation_log(agent_name="agent")
    assert await store.get_invocation_log(log["id"]) == log
    assert await store.list_invocation_logs(agent_name="agent") == [log]
    assert await store.count_invocation_logs() == 1
    with pytest.raises(NotSupported, match="KeepsLogs does not implement save_log_analysis"):
        await store.save_log_analysis(agent_name="agent", score=1, summary="x", status="ok")
    assert await store.get_latest_log_analysis("agent") is None
    with pytest.raises(NotSupported, match="KeepsLogs does not implement create_optimization_run"):
        await store.create_optimization_run(agent_name="agent", experiment_id="e")
    assert await store.list_optimization_runs() == []


# how the contract is used


@pytest.fixture
def elsewhere(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder of somebody else's project, with nothing of this one's pytest settings."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # those of this environment take seconds to import
    return pytester


def run(elsewhere: pytest.Pytester, mode: str, *args: str) -> pytest.RunResult:
    return elsewhere.runpytest_subprocess(
        *("-p", "pytest_asyncio.plugin", "-p", "no:cacheprovider", "-W", "error", "--strict-markers", "-rs"),
        *("-o", f"asyncio_mode={mode}", "-o", "asyncio_default_fixture_loop_scope=function", *args),
    )


TESTS_OF_A_STORE = """
import {fixtures}
from agentomatic_sql.testing import RequiredStoreContract, StoreContract
from tests.contract.test_contract import Minimal

class TestRequired(RequiredStoreContract):
    @{fixtures}.fixture
    async def store(self):
        async with Minimal() as store:
            yield store

class TestAll(StoreContract):
    @{fixtures}.fixture
    async def store(self):
        return Minimal()
"""


@pytest.mark.parametrize(("mode", "fixtures"), [("strict", "pytest_asyncio"), ("auto", "pytest")])
def test_a_store_with_the_required_methods_alone_passes(elsewhere: pytest.Pytester, mode: str, fixtures: str) -> None:
    elsewhere.makepyfile(TESTS_OF_A_STORE.format(fixtures=fixtures))
    required = run(elsewhere, mode, "-k", "TestRequired").parseoutcomes()
    assert set(required) == {"passed", "deselected"}
    whole = run(elsewhere, mode, "-k", "TestAll")
    outcomes = whole.parseoutcomes()
    assert set(outcomes) == {"passed", "skipped", "deselected"}
    assert outcomes["passed"] > required["passed"]  # what BaseStore does with the five is tested, too
    for method in (
        "fork_thread",
        "save_suspended_state",
        "save_checkpoint",
        "create_invocation_log",
        "list_threads(after)",
        "add_message(idempotency_key)",
        "add_messages(idempotency_key)",
    ):
        whole.stdout.fnmatch_lines([f"SKIPPED * Minimal does not implement {method}"])


HISTORY_OF_A_STORE = """
import pytest
from agentomatic_sql.testing.history import History
from tests.contract.test_contract import KeepsHistory, KeepsLogs

def history(kind):
    class Kept(History):
        @pytest.fixture
        async def store(self):
            return kind()
    return Kept

TestKeepsLogs = history(KeepsLogs)
TestKeepsHistory = history(KeepsHistory)
"""


def test_the_contract_asks_a_store_for_the_history_that_it_keeps(elsewhere: pytest.Pytester) -> None:
    elsewhere.makepyfile(HISTORY_OF_A_STORE)
    whole = run(elsewhere, "auto", "-k", "TestKeepsHistory").parseoutcomes()
    assert set(whole) == {"passed", "deselected"}
    logs = run(elsewhere, "auto", "-k", "TestKeepsLogs")
    outcomes = logs.parseoutcomes()
    assert set(outcomes) == {"passed", "skipped", "deselected"}
    assert outcomes["passed"] + outcomes["skipped"] == whole["passed"]
    for method in ("save_log_analysis", "create_optimization_run"):
        logs.stdout.fnmatch_lines([f"SKIPPED * KeepsLogs does not implement {method}"])
    logs.stdout.no_fnmatch_line("*does not implement create_invocation_log*")


BROKEN_STORES = """
import asyncio
import pytest
from agentomatic_sql import MemoryStore
from agentomatic_sql.testing import StoreContract

class LosesUpdates(MemoryStore):
    async def add_message(self, thread_id, role, content, *, metadata=None):
        count = (await self.get_thread(thread_id) or {"message_count": 0})["message_count"]
        await asyncio.sleep(0)
        message = await super().add_message(thread_id, role, content, metadata=metadata)
        self._threads[thread_id]["message_count"] = count + 1
        return message

class IgnoresCase(MemoryStore):
    async def create_thread(self, thread_id, user_id, agent_name, **fields):
        return await super().create_thread(thread_id.lower(), user_id, agent_name, **fields)

class CutsText(MemoryStore):
    async def add_message(self, thread_id, role, content, *, metadata=None):
        return await super().add_message(thread_id, role, content[:65_535], metadata=metadata)

class SharesRecords(MemoryStore):
    async def get_thread(self, thread_id):
        self.shared = getattr(self, "shared", {})
        found = await super().get_thread(thread_id)
        return found and self.shared.setdefault(thread_id, found)

class ResumesTwice(MemoryStore):
    async def claim_suspended_state(self, approval_id):
        state = await self.get_suspended_state(approval_id)
        await asyncio.sleep(0)
        await self.delete_suspended_state(approval_id)
        return state

    async def delete_suspended_state(self, approval_id):
        return await MemoryStore.claim_suspended_state(self, approval_id) is not None

class ForgetsForks(MemoryStore):
    async def delete_thread(self, thread_id):
        lineage = await self.get_thread_lineage(thread_id)
        for fork in lineage["descendants"]:
            await super().delete_thread(fork["id"])
        return await super().delete_thread(thread_id)

class SortsKeys(MemoryStore):
    async def save_checkpoint(self, thread_id, ns, checkpoint_id, parent, checkpoint, metadata):
        return await super().save_checkpoint(
            thread_id, ns, checkpoint_id, parent, dict(sorted(checkpoint.items())), metadata
        )

class HalfDone(MemoryStore):
    async def add_messages(self, thread_id, messages):
        return [await self.add_message(thread_id, **message) for message in messages]

def contract(kind):
    class Contract(StoreContract):
        @pytest.fixture
        async def store(self):
            return kind()
    return Contract

TestLosesUpdates = contract(LosesUpdates)
TestIgnoresCase = contract(IgnoresCase)
TestCutsText = contract(CutsText)
TestSharesRecords = contract(SharesRecords)
TestResumesTwice = contract(ResumesTwice)
TestForgetsForks = contract(ForgetsForks)
TestSortsKeys = contract(SortsKeys)
TestHalfDone = contract(HalfDone)
"""

CAUGHT = {
    "LosesUpdates": "50_concurrent_appends_leave_no_gap_and_no_duplicate",
    "IgnoresCase": "ids_are_compared_exactly",
    "CutsText": "content_is_returned_exactly",
    "SharesRecords": "changes_to_a_record_do_not_change_the_store",
    "ResumesTwice": "one_of_16_concurrent_claims_succeeds",
    "ForgetsForks": "forks_survive_the_deletion_of_their_parent",
    "SortsKeys": "a_checkpoint_is_returned_exactly[[]the order of keys]",
    "HalfDone": "one_invalid_message_refuses_all[[]metadata with NaN]",
}


def test_the_contract_catches_stores_that_are_wrong(elsewhere: pytest.Pytester) -> None:
    elsewhere.makepyfile(BROKEN_STORES)
    chosen = " or ".join(f"(Test{store} and {test.partition('[')[0]})" for store, test in CAUGHT.items())
    broken = run(elsewhere, "auto", "--tb=no", "-rf", "-k", chosen)
    for store, test in CAUGHT.items():
        broken.stdout.fnmatch_lines([f"FAILED *::Test{store}::test_{test}*"])


def test_failures_of_the_contract_show_the_values(elsewhere: pytest.Pytester) -> None:
    elsewhere.makepyfile(BROKEN_STORES)
    broken = run(elsewhere, "auto", "-k", "TestLosesUpdates and 50_concurrent_appends")
    broken.stdout.fnmatch_lines(["E * assert * == 50"])
