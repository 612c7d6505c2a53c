"""The benchmark runs, checks what it measured, and says it as JSON."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from agentomatic_sql import SQLAlchemyStore
from benchmarks import report, show
from benchmarks.measured import Measured, Outcome
from benchmarks.soak import Sample, Soak, verdict
from tests.support import poolers
from tests.support.databases import chosen

ROOT = Path(__file__).parents[2]
WIDE = {**os.environ, "COLUMNS": "200"}
"""The environment of a program, with room for its tables: no cell is broken or cut."""


def test_a_quick_run_measures_and_checks(tmp_path: Path) -> None:
    found = tmp_path / "results.json"
    workloads = ["append", "append-32", "first-append", "import", "burst-100", "memory"]
    what = ["--db", "sqlite", "--workload", ",".join(workloads), "--against", "raw,agentomatic-sql"]
    command = [sys.executable, "-m", "benchmarks", *what, "--quick", "--rounds", "1", "--folder", str(tmp_path)]
    done = subprocess.run([*command, "--json", str(found)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (results,) = json.loads(found.read_text())
    assert results["complete"]
    assert list(results["workloads"]) == workloads
    units = {name: workload["unit"] for name, workload in results["workloads"].items() if workload["unit"]}
    assert units.pop("memory") == "MB"
    assert units == dict.fromkeys(["first-append", "import", "burst-100"], "ms")
    for workload in results["workloads"].values():
        for measured in workload["contenders"].values():
            assert measured["wrong"] is None
            assert measured["left_out"] is None
            assert all(rate > 0 for rate in measured["rates"])


def test_an_amount_is_shown_in_its_unit_and_its_ratio_is_turned_round() -> None:
    measured = {"raw": Measured([1 / 0.25, 1 / 0.25]), "agentomatic-sql": Measured([1 / 0.5, 1 / 0.5])}
    times, memory = Outcome("start", "raw", measured, "ms"), Outcome("memory", "raw", measured, "MB")
    assert show.cell(times, "raw") == "1 (250 ms)"
    assert show.cell(times, "agentomatic-sql") == "0.50 [0.50–0.50] (500 ms)"
    assert show.cell(memory, "agentomatic-sql") == "0.50 [0.50–0.50] (0.5 MB)"
    assert show.cell(Outcome("rate", "raw", measured), "raw") == "1 (4/s)"


def test_the_tables_and_charts_are_those_of_the_results(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text("before\n" + report.BEGIN + "\nold\n" + report.END + "\nafter\n")
    results = sorted((ROOT / "benchmarks" / "results").glob("*.json"))
    command = [sys.executable, "-m", "benchmarks", "report", *map(str, results), "--document", str(document)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    before, begin, rest = document.read_text().partition(report.BEGIN)
    tables, end, after = rest.partition(report.END)
    assert (before, after) == ("before\n", "\nafter\n")
    assert begin + tables + end in (ROOT / "docs" / "performance.md").read_text()
    for chart in tmp_path.glob("*.svg"):
        assert chart.read_text() == (ROOT / "docs" / chart.name).read_text()
    assert len([*tmp_path.glob("*.svg")]) == len(results)


def test_a_small_run_of_the_scale_benchmark_checks_every_answer(tmp_path: Path) -> None:
    what = ["--sqlite", str(tmp_path), "--threads", "2000", "--long", "2000", "--calls", "10"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.scale", *what], cwd=ROOT, env=WIDE, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    rows = ("latest 50", "append", "latest checkpoint", "get_stats", "deletion of a thread of 1,000")
    for operation in (*rows, "bytes of a message", "bytes of a checkpoint"):
        assert operation in done.stdout
    assert "iter_messages over 2,000 messages" in done.stdout
    assert [*tmp_path.iterdir()] == []


def test_a_small_run_of_the_layouts_checks_every_answer(tmp_path: Path) -> None:
    what = ["--sqlite", str(tmp_path), "--threads", "1000", "--calls", "10"]
    done = subprocess.run([sys.executable, "-m", "benchmarks.layouts", *what], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "100,000 messages in 1,000 threads" in done.stdout
    assert done.stdout.count("1.00") >= 2
    assert [*tmp_path.iterdir()] == []


def test_a_small_run_of_the_moving_benchmark_counts_every_row(tmp_path: Path) -> None:
    what = ["--database", "sqlite", "--messages", "2000", "--rounds", "1", "--folder", str(tmp_path)]
    done = subprocess.run([sys.executable, "-m", "benchmarks.moving", *what], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "2,000 messages, 1 rounds" in done.stdout
    assert done.stdout.count("rows a second") == 3
    assert [*tmp_path.iterdir()] == []


def test_a_short_soak_checks_what_was_acknowledged(tmp_path: Path) -> None:
    what = ["--url", f"sqlite:///{tmp_path}/soak.db", "--minutes", "0.05", "--every", "0.2"]
    done = subprocess.run([sys.executable, "-m", "benchmarks.soak", *what], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr  # whether memory grows, so short a run cannot say
    assert re.search(r"[\d,]{3,} calls, \d+ of them cancelled, 0 threads wrong", done.stdout), done.stdout
    assert "3 of 3" in done.stdout


@pytest.mark.parametrize(
    ("memory", "descriptors", "connections", "found"),
    [
        ([90, 100, 104], [20, 20, 20], [12, 12, 11], []),
        ([90, 100, 106], [20, 20, 20], [12, 12, 12], ["memory grew from 100.0 to 106.0 MB"]),
        ([90, 90, 90], [20, 21, 33], [12, 12, 12], []),  # each connection may have opened its log
        ([90, 90, 90], [20, 21, 34], [12, 12, 12], ["file descriptors grew from 21 to 34"]),
        ([90, 90, 90], [20, 20, 20], [12, 12, 13], ["connections grew from 12 to 13"]),
    ],
)
async def test_a_soak_says_what_grew(
    memory: list[float], descriptors: list[int], connections: list[int], found: list[str]
) -> None:
    soak = Soak(SQLAlchemyStore("sqlite://"))
    for part in range(3):
        for number in range(4):
            soak.samples.append(Sample(4 * part + number, 0, memory[part], descriptors[part], connections[part]))
    assert verdict(soak) == found
    soak.wrong.append("t")
    assert verdict(soak)[0].startswith("t: ")


async def test_a_soak_of_a_server_says_that_one_descriptor_more_is_open() -> None:
    soak = Soak(SQLAlchemyStore("postgresql://localhost/agents"))
    for number in range(12):
        soak.samples.append(Sample(number, 0, 90, 20 if number < 8 else 21, 12))
    assert verdict(soak) == ["file descriptors grew from 20 to 21"]


async def test_a_soak_says_that_calls_became_slower() -> None:
    soak = Soak(SQLAlchemyStore("sqlite://"))
    for number in range(40):
        soak.samples.append(Sample(number, 0, 90, 20, 12, p99=0.010 if number < 20 else 0.025))
    assert verdict(soak) == ["the p99 of calls grew from 10.0 to 25.0 ms"]


@pytest.mark.parametrize("pooled", [False, True], ids=["itself", "pgbouncer"])
def test_a_short_run_of_several_processes_checks_what_is_stored(pooled: bool) -> None:
    if not chosen(("postgresql",)):
        pytest.skip("postgresql is not chosen")
    if pooled and poolers.find("pgbouncer") is None:
        pytest.skip("no pgbouncer on this machine")
    what = ["--db", "postgresql", "--processes", "2", "--seconds", "0.1", "--rounds", "1"]
    command = [sys.executable, "-m", "benchmarks.processes", *what, *(["--pgbouncer"] if pooled else [])]
    done = subprocess.run(command, cwd=ROOT, env=WIDE, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("agentomatic-sql") == 2
