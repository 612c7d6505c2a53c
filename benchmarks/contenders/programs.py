"""A program of its own for each contender: to measure how a process starts, and how much memory it takes."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import indent

TEXT = "a message of one line"
NO_GRAPH = "int(await saver.aget_tuple({'configurable': {'thread_id': 'none', 'checkpoint_ns': ''}}) is None)"
"""A query of a saver: 1 if it has nothing for a thread that no graph has."""


def with_sqlalchemy(*modules: str) -> str:
    """The yardstick of imports: SQLAlchemy and these modules."""
    return f"import {', '.join(['sqlalchemy.ext.asyncio', *modules])}"


@dataclass(frozen=True)
class Program:
    """The parts of a program, as Python; all but the imports stand in a coroutine."""

    imports: str
    opening: str
    query: str
    """An expression: how many it has found."""
    closing: str
    append: str = ""
    """Statements that append a message."""

    def querying(self) -> str:
        """The program that prints what the query has found."""
        return self._text(f"print({self.query}, flush=True)")

    def appending(self) -> str:
        """The program that appends one message, and prints 1."""
        return self._text(f"{self.append}\nprint(1, flush=True)")

    def _text(self, work: str) -> str:
        # It keeps its connections until its input ends, so that it can be looked at.
        body = "\n".join([self.opening, work, "sys.stdin.read()", self.closing])
        return f"import asyncio, sys\n{self.imports}\nasync def main():\n{indent(body, '    ')}\nasyncio.run(main())\n"
