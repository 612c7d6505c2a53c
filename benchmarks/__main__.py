"""This project's store and others, side by side: see docs/performance.md.

scripts/bench                                           everything, on every database that can be had
scripts/bench --db postgresql --workload append,latest  some of it
scripts/bench --quick                                   small tables and short rounds: whether it works
scripts/bench report benchmarks/results/*.json          docs/performance.md's tables and charts
"""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from benchmarks import contenders, databases, measured, report, show
from benchmarks.rounds import measure
from benchmarks.workloads import QUICK, WORKLOADS, Scale

ABOUT = "This project's store and others, side by side: docs/performance.md says what is measured, and how."
app = typer.Typer(add_completion=False, help=ABOUT, rich_markup_mode=None)
console = Console()
errors = Console(stderr=True)


HELP = {
    "db": f"Of {', '.join(databases.NAMES)}; else those that can be had.",
    "workload": f"Of {', '.join(WORKLOADS)}; else all.",
    "against": f"Of {', '.join(contenders.KNOWN)}; the first is the yardstick.",
    "rounds": "How many rounds count; one more warms up. Else 7, with --quick 3.",
    "seconds": "Length of a contender's turn. Else 1, with --quick 0.3.",
}
JSON: Any = typer.Option(None, help="Where the samples are written.")
FOLDER: Any = typer.Option(None, help="Where SQLite's files are made; else in the folder data.")
FILES: Any = typer.Argument(..., help="What --json has written; of two runs on a database the later counts.")
DOCUMENT: Any = typer.Option(Path("docs/performance.md"), help="Where the tables go, between its two marks.")


def chosen(given: str | None, known: tuple[str, ...], default: tuple[str, ...], option: str) -> tuple[str, ...]:
    """The names in an option's value. Raises where one is not known."""
    if not given:
        return default
    names = tuple(name.strip() for name in given.split(",") if name.strip())
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"{name} is none of {', '.join(known)}", param_hint=option)
    return names


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    db: str = typer.Option(None, help=HELP["db"]),
    workload: str = typer.Option(None, help=HELP["workload"]),
    against: str = typer.Option(None, help=HELP["against"]),
    rounds: int = typer.Option(None, min=1, help=HELP["rounds"]),
    seconds: float = typer.Option(None, min=0.01, help=HELP["seconds"]),
    json: Path = JSON,
    quick: bool = typer.Option(False, "--quick", help="Small tables, short rounds: whether it works."),
    folder: Path = FOLDER,
) -> None:
    """Measure."""
    if context.invoked_subcommand is not None:
        return
    names = chosen(against, contenders.KNOWN, contenders.ALL, "--against")
    works = [WORKLOADS[name] for name in chosen(workload, tuple(WORKLOADS), tuple(WORKLOADS), "--workload")]
    runs: list[measured.Run] = []
    with databases.servers(folder) as finder, errors.status("") as status:
        for target in chosen(db, databases.NAMES, databases.NAMES, "--db"):
            try:
                server = asyncio.run(finder.describe(target, finder.url(target)))
            except databases.Missing as missing:
                say(f"{target}: not measured: {missing}")
                if db:
                    raise typer.Exit(1) from missing
                continue
            if not server.durable:
                say(f"{target}: WHAT IT ACKNOWLEDGES MAY BE LOST, so the numbers say little: {server.settings}")
            # a run that is ended from outside, by a time limit say, ends as with Ctrl-C, and drops its databases too
            signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
            run = begun(server, quick, rounds, seconds)
            runs.append(run)
            try:
                asyncio.run(measure(run, server, works, names, QUICK if quick else Scale(), status.update))
                run.complete = True
            except KeyboardInterrupt as interrupt:
                say("Interrupted: this is what there is so far.")
                raise typer.Exit(130) from interrupt
            finally:
                status.update("")
                show.print_run(console, run)
                if json:
                    measured.save(json, runs)


def say(line: str) -> None:
    errors.print(line, highlight=False, markup=False)


def begun(server: databases.Server, quick: bool, rounds: int | None, seconds: float | None) -> measured.Run:
    """A run without results yet."""
    return measured.Run(
        database=server.name,
        version=server.version,
        settings=server.settings,
        date=measured.today(),
        command=measured.command(),
        quick=quick,
        rounds=rounds or (3 if quick else 7),
        seconds=seconds or (0.3 if quick else 1.0),
        environment=measured.environment(),
    )


@app.command("report")
def write_report(files: list[Path] = FILES, document: Path = DOCUMENT) -> None:
    """Put the tables and charts of these results into the document."""
    runs = {run.database: run for file in files for run in measured.load(file)}
    for path in report.write(document, [runs[name] for name in databases.NAMES if name in runs]):
        say(f"written: {path}")


if __name__ == "__main__":
    app()
