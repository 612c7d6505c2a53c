"""The README is short, its first example is ten lines, and its links lead somewhere, also outside the repository."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.documents import PAGES, ROOT, sections

REPOSITORY = "https://github.com/agentomatic/agentomatic-sql"
FILES = f"{REPOSITORY}/blob/main/"
"""What links to a file of the repository begin with, where the file itself cannot be named."""

README = (ROOT / "README.md").read_text()


def links(text: str) -> list[str]:
    """The targets of the links of a Markdown text."""
    return re.findall(r"\]\(([^)\s]+)\)", text)


def test_a_stranger_reads_it_in_a_minute_or_two() -> None:
    assert len(README.split()) <= 650


def test_the_first_example_is_ten_lines() -> None:
    blocks = [block for part in sections(ROOT / "README.md") for block in part.blocks]
    example = next(block for block in blocks if block.language == "python")
    assert len([line for line in example.text.splitlines() if line]) == 10


def test_the_readme_names_the_command_that_tests_everything() -> None:
    assert "`scripts/test`" in README
    assert "scripts/test" in (ROOT / ".ci" / "run").read_text()


def test_its_links_work_outside_the_repository() -> None:
    assert links(README)
    assert [link for link in links(README) if not link.startswith(REPOSITORY)] == []


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CHANGELOG.md"], ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_to_a_file_of_the_repository_leads_to_one(page: Path) -> None:
    for link in links(page.read_text()):
        if link.startswith(FILES):
            assert (ROOT / link.removeprefix(FILES).partition("#")[0]).is_file(), link


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CHANGELOG.md"], ids=lambda page: str(page.relative_to(ROOT)))
def test_no_document_has_a_placeholder(page: Path) -> None:
    assert not re.findall(r"\b(?:XX+|TODO|TBD)\b", page.read_text())
