"""The command as somebody finds it: `python -m`, `-h`, completion by the shell, and how little it loads for that."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agentomatic_sql import __version__
from agentomatic_sql.cli import app

ROOT = Path(__file__).parents[2]
COMMANDS = [
    [],
    *(["db", name] for name in "upgrade downgrade current check history row-security sql".split()),
    ["db"],
    ["new-key"],
    ["rekey"],
]
EXTRAS = {"asyncpg", "aiomysql", "cryptography", "langgraph", "sqlalchemy_cockroachdb"}
"""The modules of drivers and of whatever else is an extra."""


def run(*command: str, home: Path, **environment: str) -> str:
    """Run a command in a home of its own and return what it prints."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AGENTOMATIC")}
    clean |= {"HOME": str(home), "PYTHONPATH": str(ROOT), "COLUMNS": "80", **environment}
    clean["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{clean['PATH']}"
    done = subprocess.run(command, cwd=home, env=clean, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


def bash(script: str, home: Path) -> str:
    return run("bash", "--norc", "-euc", script, home=home)


def test_python_m_is_the_command(tmp_path: Path) -> None:
    module = (sys.executable, "-W", "error", "-m", "agentomatic_sql")
    assert run(*module, "--version", home=tmp_path) == f"agentomatic-sql {__version__}\n"
    assert run(*module, "db", "-h", home=tmp_path) == run("agentomatic-sql", "db", "--help", home=tmp_path)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_h_is_help_and_help_fits_a_terminal(command: list[str]) -> None:
    terminal = CliRunner(env={"COLUMNS": "80"})
    said = terminal.invoke(app.app, [*command, "-h"], prog_name="agentomatic-sql").output
    assert said == terminal.invoke(app.app, [*command, "--help"], prog_name="agentomatic-sql").output
    assert f"Usage: {' '.join(['agentomatic-sql', *command])} " in said
    assert all(len(line) <= 80 for line in said.splitlines())
    # The description is broken only where the next word would not have fitted.
    lines = [line.strip() for line in said.partition("╭")[0].splitlines()]
    for line, following in itertools.pairwise(lines):
        if line and following:
            assert len(line) + 1 + len(following.split()[0]) > 78, line


def test_bash_completes_commands_and_options(tmp_path: Path) -> None:
    def completed(*words: str) -> list[str]:
        listed = " ".join(f'"{word}"' for word in words)
        script = (
            'eval "$(agentomatic-sql --show-completion)"\n'
            f"COMP_WORDS=({listed}); COMP_CWORD={len(words) - 1}\n"
            '_agentomatic_sql_completion agentomatic-sql\nprintf "%s\\n" "${COMPREPLY[@]}"'
        )
        return bash(script, tmp_path).split()

    assert completed("agentomatic-sql", "d") == ["db"]
    assert completed("agentomatic-sql", "db", "up") == ["upgrade"]
    assert completed("agentomatic-sql", "db", "upgrade", "--ur") == ["--url"]


def test_completion_is_installed_for_bash(tmp_path: Path) -> None:
    assert "bash completion installed" in bash("agentomatic-sql --install-completion; true", tmp_path)
    (script,) = tmp_path.rglob("agentomatic-sql*.sh")
    assert str(script) in (tmp_path / ".bashrc").read_text()
    registered = bash("source ~/.bashrc; complete -p agentomatic-sql", tmp_path)
    assert registered == "complete -o default -F _agentomatic_sql_completion agentomatic-sql\n"


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({}, id="help"),
        pytest.param(
            {
                "_AGENTOMATIC_SQL_COMPLETE": "complete_bash",
                "COMP_WORDS": "agentomatic-sql db up",
                "COMP_CWORD": "2",
            },
            id="completion",
        ),
    ],
)
def test_no_extra_is_loaded_for_it(tmp_path: Path, environment: dict[str, str]) -> None:
    program = (
        "import sys\n"
        "from agentomatic_sql.cli import main\n"
        "sys.argv[1:] = ['--help']\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as ended:\n"
        "    assert not ended.code\n"
        f"print('loaded:', sorted({EXTRAS!r} & set(sys.modules)))\n"
    )
    said = run(sys.executable, "-c", program, home=tmp_path, **environment)
    assert said.splitlines()[-1] == "loaded: []"
    assert ("upgrade" in said.splitlines()) == bool(environment)
