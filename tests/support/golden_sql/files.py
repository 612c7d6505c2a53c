"""The files of `tests/sql`: one for each dialect and each module that has operations."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from agentomatic_sql.operations import Kind, Operation

from . import entities, graphs, moving, upkeep
from .calls import Call
from .recording import SERVERS, Groups, Server

FOLDER = Path(__file__).parents[2] / "sql"
COMMAND = "scripts/golden-sql"
CALLS: Sequence[Call] = (*entities.CALLS, *graphs.CALLS, *moving.CALLS, *upkeep.CALLS)

_HEADER = """\
-- The SQL of agentomatic_sql/{module}.py on {product}, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by {command}, compared by tests/dialects/test_golden_sql.py. Do not edit.
"""


@cache
def made(server: Server) -> dict[str, str]:
    """Return the files of a dialect, by their paths in its folder, with the texts that the package makes now."""
    return asyncio.run(_made(server))


def existing(name: str) -> dict[str, str]:
    """Return the files of a dialect, by their paths in its folder, with the texts on disk."""
    folder = FOLDER / name
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in folder.rglob("*") if path.is_file()
    }


def write(name: str) -> None:
    """Write the files of a dialect anew, and delete those that no module has any more."""
    files = made(SERVERS[name])
    for path in existing(name).keys() - files.keys():
        (FOLDER / name / path).unlink()
    for path, text in files.items():
        target = FOLDER / name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Return a diff of files; empty if their texts are the same."""
    lines: list[str] = []
    for path in sorted(before.keys() | now.keys()):
        old, new = (files.get(path, "").splitlines(keepends=True) for files in (before, now))
        lines += difflib.unified_diff(old, new, f"{path} on disk", f"{path} now", n=1)
    return "".join([line if line.endswith("\n") else f"{line}\n\\ no newline at the end\n" for line in lines])


async def _made(server: Server) -> dict[str, str]:
    await server.initialize()
    paragraphs: dict[str, list[str]] = {}
    for call in CALLS:
        if call.on(server.dialect):
            module = call.operation.name.rpartition(".")[0].replace(".", "/")
            header = _HEADER.format(module=module, product=server.product, command=COMMAND)
            texts = paragraphs.setdefault(module, [header.rstrip()])
            async for title, groups in _sent(call, server):
                texts += [f"\n-- {title}", *_statements(groups)]
    return {
        f"{module.removeprefix('entities/')}.sql": "\n\n".join(texts) + "\n" for module, texts in paragraphs.items()
    }


async def _sent(call: Call, server: Server) -> AsyncIterator[tuple[str, Groups]]:
    """Yield what a call sends, and in a user's view if that is something else; each with its title."""
    for find in (False, True) if call.finds else (False,):
        shown: Groups = ()
        for user in call.users:
            groups = await call.sent(server, user, find=find)
            if groups != shown:
                yield _title(call, find=find, in_view=user is not None), groups
                shown = groups


def _title(call: Call, *, find: bool, in_view: bool) -> str:
    operation = call.operation
    label = f"{call.label}, in a user's view" if in_view else call.label
    if find:
        assert operation.find is not None  # else the call could not have sent anything
        return f"{Operation(operation.find, Kind.QUERY).name}: {label} (asked when the answer was lost)"
    batched = "; batched" if operation.batching else ""
    return f"{operation.name}: {label} ({operation.kind.name.lower()}{batched})"


def _statements(groups: Groups) -> Iterator[str]:
    """Yield the statements, and comments that say how they follow each other."""
    for number, group in enumerate(groups):
        follows = ["then"] if number else []
        together = ["sent together"] if len(group) > 1 else []
        if follows or together:
            yield f"-- {', '.join([*follows, *together])}:"
        for text, each in group:
            yield f"-- once for each row:\n{text}" if each else text
