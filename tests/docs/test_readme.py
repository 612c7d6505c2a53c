"""The README is run: each command and each example in it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.errors import SchemaBehind

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
COMMANDS = [
    line.removeprefix("$ ") for kind, block in BLOCKS if kind == "console" for line in block.splitlines() if line
]
EXAMPLES = [block for kind, block in BLOCKS if kind == "python"]


def example(word: str) -> str:
    """The first example in which this word stands."""
    return next(block for block in EXAMPLES if word in block)


def run(command: list[str], cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run with the programs of this environment first in the path, and no setting of the tests' own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AGENTOMATIC")}
    clean["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{clean['PATH']}"
    done = subprocess.run(command, cwd=cwd, env=clean | environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stdout}{done.stderr}"
    return done


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Alembic's own command needs of a checkout, where its default database may be made."""
    copy = tmp_path_factory.mktemp("checkout")
    shutil.copy(ROOT / "alembic.ini", copy)
    shutil.copytree(ROOT / "alembic", copy / "alembic", ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def test_the_first_thing_is_the_two_commands() -> None:
    assert COMMANDS[:2] == ["scripts/demo", "scripts/test"]  # test_demo.py runs the first, it is run by the second
    for command in COMMANDS[:2]:
        assert os.access(ROOT / command, os.X_OK)


def test_every_migration_command_runs_in_the_order_given(checkout: Path) -> None:
    done = [command for command in COMMANDS if command.startswith(("agentomatic-sql", "alembic"))]
    assert len(done) == 9
    for command in done:
        run(shlex.split(command), checkout)
    assert (checkout / "data" / "platform.db").exists()
    assert (checkout / "data" / "agents.db").exists()


def test_every_command_is_run_by_a_test() -> None:
    assert {command.split()[0] for command in COMMANDS} == {
        "scripts/demo",
        "scripts/test",
        "agentomatic-sql",
        "alembic",
        "python",
    }


def test_the_example_in_python(tmp_path: Path) -> None:
    program = tmp_path / "example.py"
    program.write_text(example("asyncio.run"))
    done = run([sys.executable, "-W", "error", str(program)], tmp_path)
    assert done.stdout.splitlines() == [
        "1 assistant Is it plugged in?",
        "2 user It is now. Thank you!",
        "{'amount': 20}",
    ]


def test_the_platform_in_ten_lines(tmp_path: Path) -> None:
    block = example("AgentPlatform")
    assert len(block.strip().splitlines()) <= 10
    program = tmp_path / "platform_app.py"
    program.write_text(
        block + "\nfrom fastapi.testclient import TestClient\n"
        "with TestClient(app) as client:\n"
        "    print(client.get('/health').json()['storage']['status'])\n"
    )
    url = f"sqlite:///{tmp_path}/platform.db"
    done = run([sys.executable, str(program)], ROOT, AGENTOMATIC_SQL_URL=url, PYTHONPATH=str(ROOT))
    assert "healthy" in done.stdout.splitlines()
    assert (tmp_path / "platform.db").exists()


def test_the_saver(tmp_path: Path) -> None:
    program = tmp_path / "saver.py"
    program.write_text(example("SQLAlchemySaver"))
    done = run([sys.executable, str(program)], tmp_path)
    assert done.stdout.splitlines() == [
        "Refund 20 EUR?",
        "['asked', 'the human said yes']",
        "2 old checkpoints removed",
    ]


def test_a_call_that_is_repeated(tmp_path: Path) -> None:
    program = tmp_path / "repeated.py"
    program.write_text(example("IdempotencyConflict"))
    done = run([sys.executable, "-W", "error", str(program)], tmp_path)
    assert done.stdout.splitlines() == [
        "idempotency_key 'request-4711' of thread 'order-9' stands for other content",
    ]


def test_one_users_view(tmp_path: Path) -> None:
    program = tmp_path / "view.py"
    program.write_text(example("for_user"))
    done = run([sys.executable, "-W", "error", str(program)], tmp_path)
    assert done.stdout.splitlines() == ["thread 'order-10' does not exist"]


def test_the_agent_that_asks(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    ask, answer = (shlex.split(command) for command in COMMANDS if command.startswith("python"))
    asked = run(ask, tmp_path, PYTHONPATH=str(ROOT))
    assert "Refund 20 EUR to Ada? Say so with: answer --thread order-7 yes" in " ".join(asked.stdout.split())
    assert "done" in run(answer, tmp_path, PYTHONPATH=str(ROOT)).stdout


async def test_only_checking_the_schema(tmp_path: Path) -> None:
    names: dict[str, Any] = {"SQLAlchemyStore": SQLAlchemyStore, "url": f"sqlite:///{tmp_path}/a.db"}
    exec(example('migrate="check"'), names)
    with pytest.raises(SchemaBehind, match="agentomatic-sql db upgrade"):
        await names["store"].initialize()
    await names["store"].close()


async def test_an_encrypted_connection() -> None:
    """That it can be made; test_tls.py connects by such ones."""
    names: dict[str, Any] = {}
    exec(example("create_default_context"), names)
    assert names["store"].engine.url.host == "db.example.com"
    assert names["context"].check_hostname
    await names["store"].close()


def test_the_contract_of_a_store_of_ones_own(redis_url: str, tmp_path: Path) -> None:
    """In a folder of its own, with no setting of this project's; test_redis_store.py runs all of it."""
    for name in ("redis_store.py", "redis_store.lua"):
        shutil.copy(ROOT / "examples" / name, tmp_path)
    test = example("StoreContract").replace('prefix="contract:"', f'prefix="{tmp_path.name}:"')
    (tmp_path / "test_mine.py").write_text(test)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    chosen = "deleted_thread or appends_at_once or latest"
    done = run(
        [sys.executable, "-m", "pytest", "-q", "-k", chosen], tmp_path, REDIS_URL=redis_url, PYTHONPATH=str(ROOT)
    )
    found = re.search(r"^(\d+) passed", done.stdout.splitlines()[-1])
    assert found, done.stdout
    assert int(found[1]) >= 5


def test_every_example_is_run_by_a_test() -> None:
    words = (
        "asyncio.run",
        "AgentPlatform",
        "SQLAlchemySaver",
        'migrate="check"',
        "IdempotencyConflict",
        "for_user",
        "create_default_context",
        "StoreContract",
    )
    assert sorted(EXAMPLES) == sorted(example(word) for word in words)
