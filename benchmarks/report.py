"""Write the tables and charts of runs into docs/performance.md, between two marks; keep the text around them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks import chart, show
from benchmarks.measured import Run

BEGIN = "<!-- results: written by `scripts/bench report`; the text outside of these marks is kept -->"
END = "<!-- end of results -->"

TITLES = {"postgresql": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB", "sqlite": "SQLite"}


def write(document: Path, runs: Sequence[Run]) -> list[Path]:
    """Replace what is between the marks, write a chart of each run beside it, and return the files written."""
    text = document.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{document} has no line {BEGIN!r} with a line {END!r} after it")
    written = []
    parts = []
    for run in runs:
        path = document.with_name(f"{document.stem}-{run.database}.svg")
        path.write_text(chart.svg(run, TITLES[run.database]))
        written.append(path)
        parts.append(section(run, path.name))
    document.write_text(f"{before}{BEGIN}\n\n{''.join(parts)}{END}{after}")
    return [*written, document]


def section(run: Run, image: str) -> str:
    """Return a database's heading, facts, chart and table, and the notes on its marks."""
    title = TITLES[run.database]
    lines = [f"### {title} {run.version}", "", facts(run), "", f"![Rate relative to raw on {title}]({image})", ""]
    lines += [*table(run), ""]
    lines += [f"- {note}" for note in map(escaped, show.notes(run))]
    return "\n".join(lines).rstrip() + "\n\n"


def facts(run: Run) -> str:
    """Say when, where and how it was measured."""
    packages = ", ".join(f"{name} {version}" for name, version in run.environment["packages"].items())
    settings = ", ".join(f"{name}: {value}" for name, value in run.settings.items())
    size = "small tables (`--quick`), " if run.quick else ""
    broken = "" if run.complete else " **Interrupted before the end.**"
    return (
        f"`{run.command}`, {run.date[:10]}: {run.rounds} rounds of {run.seconds:g} s, {size}"
        f"Python {run.environment['python']}, {run.environment['cores']} cores, {run.environment['system']}. "
        f"Server: {settings}. Packages: {packages}.{broken}"
    )


def table(run: Run) -> list[str]:
    """Return the table: a row for each workload, a column for each contender."""
    names = run.names()
    rows = [f"| workload | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}"]
    for key, outcome in run.workloads.items():
        cells = " | ".join(show.cell(outcome, name) for name in names)
        rows.append(f"| `{key}`: {outcome.title} | {cells} |")
    return rows


def escaped(text: str) -> str:
    """Escape a text, an error message say, for Markdown."""
    return "".join(f"\\{character}" if character in "\\`*_[]<>|#" else character for character in text)
