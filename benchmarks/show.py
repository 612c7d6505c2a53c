"""Results as a table on the terminal, and as text for a cell."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.measured import NOTHING, Outcome, Run


def cell(outcome: Outcome, name: str) -> str:
    """A contender's ratio with its range, and its rate; "–" where it was not measured."""
    measured = outcome.contenders.get(name)
    if measured is None or not measured.rates:
        return "–"
    mark = "!" if measured.wrong else ""
    rate = amount(outcome.rate(name), outcome.unit)
    ratio = outcome.ratio(name)
    if name == outcome.yardstick:
        return f"1{mark} ({rate})"
    if ratio is None:  # broken off before the yardstick's turn
        return f"{mark}({rate})"
    return f"{number(ratio.median)}{mark} [{number(ratio.least)}–{number(ratio.most)}] ({rate})"


def number(value: float) -> str:
    """Two digits that mean something."""
    if value >= 10:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 9.95 else f"{value:.2f}" if value >= 0.095 else f"{value:.3f}"


def amount(rate: float, unit: str) -> str:
    """A rate, or the amount that one divided by the rate is."""
    if not rate:
        return "–"
    value, unit = (rate, "/s") if not unit else (1 / rate * (1000 if unit == "ms" else 1), f" {unit}")
    return f"{value:,.0f}{unit}" if value >= 9.95 else f"{value:.2g}{unit}"


def print_run(console: Console, run: Run) -> None:
    """The table of a database, and below it what is wrong and what was left out."""
    title = f"{run.database} {run.version}: times as good as the yardstick [range of {run.rounds} rounds] (measured)"
    table = Table(title=Text(title), title_justify="left")
    table.add_column("workload")
    names = run.names()
    for name in names:
        table.add_column(name, justify="right")
    for key, outcome in run.workloads.items():
        table.add_row(key, *(Text(cell(outcome, name), justify="right") for name in names))
    console.print(table)
    for line in notes(run):
        console.print(line, highlight=False, markup=False)


def notes(run: Run) -> list[str]:
    """A line for every wrong result, and for every contender that was left out for more than not having it."""
    lines = []
    missing: dict[str, list[str]] = {}
    for key, outcome in run.workloads.items():
        for name, measured in outcome.contenders.items():
            if measured.wrong:
                lines.append(f"! {key}: {name}: {measured.wrong}")
            if measured.left_out and measured.left_out != NOTHING:
                missing.setdefault(f"{name}: {measured.left_out}", []).append(key)
    for reason, keys in missing.items():
        lines.append(f"– {reason}" if len(keys) == len(run.workloads) else f"– {reason} ({', '.join(keys)})")
    return lines
