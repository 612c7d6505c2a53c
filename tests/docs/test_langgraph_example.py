"""The example agent in processes of its own: it asks, is killed, and another process goes on."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from subprocess import CompletedProcess

from langgraph.types import Command

from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support import forked
from tests.support.checkpoints import config, listed
from tests.support.graphs import approving

ROOT = Path(__file__).parents[2]
EXAMPLE = f"import runpy; runpy.run_path({str(ROOT / 'examples' / 'langgraph_agent.py')!r}, run_name='__main__')"


def environment(url: str, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "AGENTOMATIC_SQL_URL": url,
        "PYTHONPATH": str(ROOT),
        "NO_COLOR": "1",
        "COLUMNS": "200",
        **more,
    }


def run(url: str, *arguments: str) -> CompletedProcess[str]:
    return forked.run(EXAMPLE, *arguments, environment=environment(url))


def test_an_agent_asks_is_killed_and_resumes(new_database_url: str) -> None:
    asked = run(new_database_url, "ask", "--thread", "t", "Refund 20 EUR")
    assert asked.returncode == 0, asked.stderr
    assert "planned: Refund 20 EUR" in asked.stdout
    assert "Refund 20 EUR? Say so with: answer --thread t yes" in asked.stdout
    again = run(new_database_url, "ask", "--thread", "t", "Refund 20 EUR")
    assert "planned" not in again.stdout
    assert "Refund 20 EUR?" in again.stdout
    answered = run(new_database_url, "answer", "--thread", "t", "yes")
    assert "planned: Refund 20 EUR / the human said: yes / done" in answered.stdout
    refused = run(new_database_url, "answer", "--thread", "t", "yes")
    assert refused.returncode == 1
    assert "thread 't' waits for no answer: ask first" in refused.stderr


async def test_a_process_that_is_killed_at_work_is_followed_by_another(database_url: str) -> None:
    ask = (EXAMPLE, "ask", "--thread", "t", "Refund 20 EUR")
    with forked.Program(*ask, environment=environment(database_url, EXAMPLE_SECONDS="600")) as working:
        async with SQLAlchemySaver(database_url) as saver, asyncio.timeout(60):
            while len(await listed(saver, config())) < 2:  # the input, and the step before the plan
                await asyncio.sleep(0.05)
        working.kill()
        assert working.wait() == -signal.SIGKILL
    resumed = await asyncio.to_thread(run, database_url, "ask", "--thread", "t", "something else")
    assert "planned: Refund 20 EUR" in resumed.stdout, resumed.stderr
    answered = await asyncio.to_thread(run, database_url, "answer", "--thread", "t", "no")
    assert "planned: Refund 20 EUR / the human said: no / left alone" in answered.stdout


WAITING = """
import asyncio, sys
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support.graphs import approving

async def main():
    async with SQLAlchemySaver(sys.argv[1]) as saver:
        await approving().compile(checkpointer=saver).ainvoke({"log": []}, {"configurable": {"thread_id": "t"}})
        print("waits", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_an_interrupt_outlives_its_process_and_is_resumed(database_url: str) -> None:
    with forked.Program(WAITING, database_url) as waiting:
        assert await asyncio.to_thread(waiting.stdout.readline) == "waits\n"
        waiting.kill()
        assert waiting.wait() == -signal.SIGKILL
    async with SQLAlchemySaver(database_url) as saver:
        graph = approving().compile(checkpointer=saver)
        state = await graph.aget_state(config())
        assert sorted(one.value for one in state.interrupts) == ["first", "other"]
        answers = {one.id: f"yes to {one.value}" for one in state.interrupts}
        await graph.ainvoke(Command(resume=answers), config())
        result = await graph.ainvoke(Command(resume="yes to second"), config())
    assert sorted(result["log"]) == ["end", "one yes to other", "two yes to first yes to second"]
