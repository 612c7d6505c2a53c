"""Sphinx: `scripts/docs` builds the site from the pages in this folder and from the docstrings."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from agentomatic_sql import __version__

project = "agentomatic-sql"
author = "The agentomatic-sql developers"
copyright = author  # noqa: A001 - Sphinx's name
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = f"agentomatic-sql {release}"
html_static_path = ["_static"]
html_css_files = ["tables.css"]
exclude_patterns = ["_generated"]  # included by pages

# The pages are Markdown that GitHub shows as well: links to headings are written as GitHub makes their anchors.
myst_heading_anchors = 3

# Docstrings: a name between single backticks links to its entry, or is shown as code if it has none.
default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True, "show-inheritance": True}
maximum_signature_line_length = 88

COMMANDS = Path(__file__).parent / "_generated" / "command-line.md"
_ARGUMENT = re.compile(r"[a-z_]+: ")


def write_commands(_app: Sphinx) -> None:
    """Write the help of `agentomatic-sql` and its subcommands as Markdown; `command-line.md` includes it."""
    COMMANDS.parent.mkdir(exist_ok=True)
    written = COMMANDS.with_suffix(f".{os.getpid()}")  # put in place when it is whole: two builds may run at a time
    document = ["utils", "docs", "--name", "agentomatic-sql", "--output", str(written)]
    command = [sys.executable, "-m", "typer", "agentomatic_sql.cli.app", *document]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - a program of ours
    written.replace(COMMANDS)


def list_arguments(_app: Sphinx, _kind: str, _name: str, _object: Any, _options: Any, lines: list[str]) -> None:
    """Show paragraphs of `name: what it is` lines, as docstrings here describe arguments, as a list."""
    paragraph: list[int] = []
    for number, line in enumerate([*lines, ""]):
        if line:
            paragraph.append(number)
            continue
        begins = [one for one in paragraph if not lines[one].startswith(" ")]
        if begins and all(_ARGUMENT.match(lines[one]) for one in begins):
            for one in paragraph:
                name, _colon, text = lines[one].partition(":")
                lines[one] = f"- ``{name}``:{text}" if one in begins else f"  {lines[one].strip()}"
        paragraph = []


def link_to_error(app: Sphinx, env: BuildEnvironment, node: Any, content: Any) -> Any:
    """Link the name of an error from anywhere: docstrings do not name its module."""
    error = f"agentomatic_sql.errors.{node['reftarget']}"
    domain = env.get_domain("py")
    return domain.resolve_xref(env, node["refdoc"], app.builder, node["reftype"], error, node, content)


def setup(app: Sphinx) -> None:
    app.connect("missing-reference", link_to_error)
    app.connect("builder-inited", write_commands)
    app.connect("autodoc-process-docstring", list_arguments)
