"""The benchmark runs, checks what it measured, and says it as JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_a_quick_run_measures_and_checks(tmp_path: Path) -> None:
    found = tmp_path / "results.json"
    workloads = ["append", "append-32"]
    what = ["--db", "sqlite", "--workload", ",".join(workloads), "--against", "raw,agentomatic-sql"]
    command = [sys.executable, "-m", "benchmarks", *what, "--quick", "--rounds", "1", "--folder", str(tmp_path)]
    done = subprocess.run([*command, "--json", str(found)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (results,) = json.loads(found.read_text())
    assert results["complete"]
    assert list(results["workloads"]) == workloads
    for workload in results["workloads"].values():
        for measured in workload["contenders"].values():
            assert measured["wrong"] is None
            assert measured["left_out"] is None
            assert all(rate > 0 for rate in measured["rates"])


def test_a_small_run_of_the_scale_benchmark_checks_every_answer(tmp_path: Path) -> None:
    what = ["--sqlite", str(tmp_path), "--threads", "2000", "--long", "2000", "--calls", "10"]
    done = subprocess.run([sys.executable, "-m", "benchmarks.scale", *what], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for operation in ("latest 50", "append", "latest checkpoint", "get_stats"):
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
