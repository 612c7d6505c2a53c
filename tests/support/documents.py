"""The documents: their sections and the code blocks in them.

A code block is one of these:

- a file, if its first line is a comment with a file name (`# app.py`): commands of the same section use it;
- Python, run with the names that earlier blocks of the section have left; `await` works at the top level;
- `console`: commands behind `$ `, and what they print;
- `text` after Python: what the block before it prints.

In what is printed, "…" stands for any text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = [page for page in PAGES if "_generated" not in page.parts]

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[\w{}-]*).*$")
_FILE = re.compile(r"^# ([\w/.-]+\.\w+)$")


@dataclass(frozen=True)
class Block:
    """A code block; `line` is that of its first line of code."""

    language: str
    text: str
    line: int

    @property
    def file(self) -> str | None:
        """The name under which the block is saved, if it is a file."""
        found = _FILE.match(self.text.partition("\n")[0])
        return None if found is None else found[1]

    @property
    def commands(self) -> list[str]:
        """The commands of a `console` block."""
        return [line[2:] for line in self.text.splitlines() if line.startswith("$ ")]

    @property
    def output(self) -> str:
        """Return the output that a `console` block shows for its commands; empty if it shows none."""
        return "\n".join(line for line in self.text.splitlines() if not line.startswith("$ "))


@dataclass(frozen=True)
class Section:
    """A page's part under a heading of the second level, or in front of the first one."""

    page: Path
    title: str
    blocks: list[Block] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}: {self.title}"

    @property
    def text(self) -> str:
        """All code of the section."""
        return "\n".join(block.text for block in self.blocks)


def sections(page: Path) -> Iterator[Section]:
    """Yield the sections of a page that have code blocks."""
    section = Section(page, "top")
    fence: re.Match[str] | None = None
    code: list[str] = []
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if fence is not None:
            if line.strip() == "```":
                text = "".join(f"{one.removeprefix(fence['indent'])}\n" for one in code)
                section.blocks.append(Block(fence["language"], text, number - len(code)))
                fence, code = None, []
            else:
                code.append(line)
        elif fence := _FENCE.match(line):
            pass
        elif line.startswith("## "):
            if section.blocks:
                yield section
            section = Section(page, line[3:])
    if section.blocks:
        yield section


def prints(wanted: str, printed: str) -> bool:
    """Return whether what was printed is what a document says, in which "…" stands for any text."""
    pattern = ".*".join(map(re.escape, wanted.strip().split("…")))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


def statements(text: str, role: str) -> list[str]:
    """The statements of a block of SQL, for this role in place of `app`."""
    plain = re.sub(r"--.*", "", text)
    return [re.sub(r"\bapp\b", role, one) for one in map(str.strip, plain.split(";")) if one]
