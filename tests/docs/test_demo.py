"""The demo, run as a program: its figures are those of the files, and what it stores is what is in them."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]
from chatterbot_corpus.corpus import DATA_DIRECTORY
from rich.cells import cell_len
from sqlalchemy import make_url

from examples.demo import shortened

ROOT = Path(__file__).parents[2]
FILE = Path("data/demo.db")
SECRET = "s3cr3t-Pa55word"  # no password of anything
STEPS = ["Migrate", "Store", "List", "Page", "Fork", "Lineage", "Rate", "Approve", "Checkpoint", "Reopen", "All"]


@cache
def dialogues(files: int) -> tuple[list[str], ...]:
    """Return the dialogues of the first files, read by another loader than the demo's."""
    found: list[list[str]] = []
    for path in sorted(Path(DATA_DIRECTORY).rglob("*.yml"))[:files]:
        for entry in yaml.safe_load(path.read_text(encoding="utf-8-sig"))["conversations"]:
            found.append([entry] if isinstance(entry, str) else entry)
    return tuple(found)


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-W", "error", str(ROOT / "examples" / "demo.py"), *arguments]


def environment(**more: str) -> dict[str, str]:
    """No setting of the tests' own, and a terminal that is wide enough for every line."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AGENTOMATIC")}
    return {**clean, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **more}


def demo(cwd: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), cwd=cwd, env=environment(**more), capture_output=True, text=True, timeout=120
    )


def rows(output: str) -> dict[str, str]:
    """The table: what each step did."""
    cells = [[cell.strip() for cell in line.split("│")] for line in output.splitlines() if line.startswith("│")]
    return {row[1]: row[2] for row in cells}


def holds(output: str) -> dict[str, int]:
    """The last line: how many of each are in the database."""
    (line,) = re.findall(r"^It holds: +(.*)$", output, re.MULTILINE)
    return {name: int(count.replace(",", "")) for count, name in re.findall(r"([\d,]+) ([a-z ]+)", line)}


def stored(file: Path) -> dict[str, list[tuple[str, str]]]:
    """Roles and contents of every thread, read without the package."""
    with closing(sqlite3.connect(file)) as connection:
        threads: dict[str, list[tuple[str, str]]] = {
            thread: [] for (thread,) in connection.execute("SELECT id FROM agentomatic_threads")
        }
        for thread, role, content in connection.execute(
            "SELECT thread_id, role, content FROM agentomatic_messages ORDER BY thread_id, position"
        ):
            threads[thread].append((role, content))
    return threads


def test_the_demo_stores_what_is_in_the_files(tmp_path: Path) -> None:
    expected = dialogues(5)
    messages = sum(map(len, expected))
    done = demo(tmp_path, "--files", "5")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Files: 5, languages: 1, dialogues: {len(expected):,}, messages: {messages:,}." in done.stdout
    table = rows(done.stdout)
    assert list(table) == STEPS
    assert table["Migrate"].startswith("from nothing to ")
    assert table["Store"] == f"{len(expected):,} dialogues, {messages:,} messages"
    assert table["Page"].startswith(f"{len(expected):,} threads, each once")
    assert table["Reopen"] == f"{len(expected):,} dialogues, {messages:,} messages: all as in the files"
    # two forks: of two messages and another one, and of one
    counts = {"threads": len(expected) + 2, "messages": messages + 4, "feedback": 1, "checkpoints": 3}
    assert holds(done.stdout) == counts | {"suspended states": 0}

    threads = stored(tmp_path / FILE)
    found = [messages for name, messages in threads.items() if "/fork" not in name]
    roles = ("user", "assistant")
    alternating = [[(roles[i % 2], text) for i, text in enumerate(texts)] for texts in expected]
    assert sorted(found) == sorted(alternating)


def test_the_demo_runs_twice_on_every_database(new_database_url: str, tmp_path: Path) -> None:
    expected = dialogues(3)
    first = demo(tmp_path, "--files", "3", new_database_url)
    assert (first.returncode, first.stderr) == (0, "")
    second = demo(tmp_path, "--files", "3", new_database_url)
    assert (second.returncode, second.stderr) == (0, "")
    assert rows(second.stdout)["Migrate"].endswith(" already")
    assert rows(second.stdout)["Store"] == f"0 dialogues, 0 messages; {len(expected)} were there"
    assert holds(second.stdout) == holds(first.stdout)
    password = make_url(new_database_url).password
    assert password is None or str(password) not in first.stdout


def test_an_interrupted_demo_continues(tmp_path: Path) -> None:
    files = 60  # so many that it is not done before it is stopped, however busy the machine is
    expected = dialogues(files)
    with subprocess.Popen(
        command("--files", str(files)),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        said = iter(running.stdout.readline, "")
        assert any(line.startswith("stored 1,000 of") for line in said)
        running.send_signal(signal.SIGINT)
        output, errors = running.communicate(timeout=60)
    assert running.returncode == 130, output + errors
    url = f"sqlite:///{FILE.as_posix()}"
    assert errors.strip() == f"Stopped. Every dialogue stored is whole; to go on: scripts/demo {url}"
    lengths = [len(messages) for messages in stored(tmp_path / FILE).values()]
    assert 1_000 <= len(lengths) < len(expected)
    done_before = sum(length > 0 for length in lengths)

    done = demo(tmp_path, "--files", str(files), url)
    assert (done.returncode, done.stderr) == (0, "")
    store = rows(done.stdout)["Store"]
    assert store.startswith(f"{len(expected) - done_before:,} dialogues, ")
    assert store.endswith(f"; {done_before:,} were there")
    assert rows(done.stdout)["Reopen"].startswith(f"{len(expected):,} dialogues, ")


def test_the_demo_replaces_its_own_file_and_no_other(tmp_path: Path) -> None:
    assert "Replacing" not in demo(tmp_path, "--files", "1").stdout
    again = demo(tmp_path, "--files", "1")
    assert "Replacing data/demo.db, which an earlier run of this demo made." in again.stdout
    assert rows(again.stdout)["Migrate"].startswith("from nothing to ")

    (tmp_path / FILE).write_bytes(b"somebody's own, longer than the header of a database" * 9)
    before = (tmp_path / FILE).read_bytes()
    refused = demo(tmp_path, "--files", "1")
    assert refused.returncode == 1
    assert refused.stderr == "error: data/demo.db is not a file of this demo: move it away, or give its URL\n"
    assert (tmp_path / FILE).read_bytes() == before


def test_at_80_columns_no_word_is_broken(tmp_path: Path) -> None:
    wide, narrow = (demo(tmp_path, "--files", "5", COLUMNS=columns).stdout for columns in ("200", "80"))
    for line in narrow.splitlines():
        # a path stays whole, to be copied
        assert cell_len(line) <= 80 or "/bin/agentomatic-sql" in line or str(FILE) in line
    said = {word for word in wide.split() if any(map(str.isalpha, word))}
    assert len(said) > 80
    assert said <= set(narrow.split())


def test_a_title_is_cut_between_words() -> None:
    assert shortened("x" * 40) == "x" * 40
    assert shortened("On every continent there is a city named Rome.") == "On every continent there is a city…"
    assert shortened("字" * 50) == "字" * 39 + "…"


def test_the_demo_ends_with_what_to_try_next(tmp_path: Path) -> None:
    lines = demo(tmp_path, "--files", "1").stdout.partition("What to try next:\n")[2].splitlines()
    server, command, chat = (line.partition(":")[2].strip() for line in lines)
    assert (ROOT / server.split()[0]).exists()
    assert (ROOT / chat).exists()
    helped = subprocess.run(command.split(), cwd=tmp_path, env=environment(), capture_output=True, text=True)
    assert "Usage: agentomatic-sql" in helped.stdout


def test_a_terminal_that_knows_little(tmp_path: Path) -> None:
    plain = demo(tmp_path, "--files", "2", TERM="dumb", NO_COLOR="1", PYTHONIOENCODING="ascii")
    assert (plain.returncode, plain.stderr) == (0, "")
    assert plain.stdout.isascii()
    assert "\x1b" not in plain.stdout
    assert f"{len(dialogues(2))} dialogues" in plain.stdout


@pytest.mark.parametrize("bad", [f"postgresql://ada:{SECRET}@127.0.0.1:1/agents", f"oracle://ada:{SECRET}@host/x"])
def test_a_database_that_is_not_there(tmp_path: Path, bad: str) -> None:
    done = demo(tmp_path, "--files", "1", bad)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert SECRET not in done.stdout + done.stderr


def test_scripts_demo_runs(tmp_path: Path) -> None:
    """The first command of the README, which makes an environment of its own."""
    done = subprocess.run(
        [ROOT / "scripts" / "demo", "--files", "1"],
        cwd=tmp_path,
        env={name: value for name, value in environment().items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert rows(done.stdout)["Reopen"].startswith(f"{len(dialogues(1))} dialogues, ")
    assert (tmp_path / FILE).exists()
