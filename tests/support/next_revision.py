"""A revision that is not shipped, after the newest one: it makes a table, a column and an index."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agentomatic_sql import SQLAlchemyStore, migrations
from agentomatic_sql.migrating import revisions

PURPOSE = "Notes on threads"
SOURCE = '''"""Notes on threads"""

import sqlalchemy as sa
from agentomatic_sql.dialects.types import BigId, ExactText, Id
from agentomatic_sql.revision_ops import add_column, create_index, create_table, drop_column, drop_index, drop_table

revision = "{next}"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_table(
        "agentomatic_notes",
        sa.Column("id", BigId, sa.Identity(), nullable=False),
        sa.Column("thread_id", Id, nullable=False),
        sa.Column("text", ExactText, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_agentomatic_notes"),
        sa.UniqueConstraint("thread_id", "id", name="uq_agentomatic_notes_thread_id_id"),
        sqlite_autoincrement=True,
    )
    create_index("agentomatic_notes", "thread_id")
    add_column("agentomatic_notes", sa.Column("mood", Id))
    add_column("agentomatic_threads", sa.Column("mood", Id))
    create_index("agentomatic_threads", "created_at")


def downgrade() -> None:
    drop_index("agentomatic_threads", "created_at")
    drop_column("agentomatic_threads", "mood")
    drop_table("agentomatic_notes")
'''


@contextmanager
def shipped(folder: Path, source: str = SOURCE, *, usable_from: str | None = None) -> Iterator[str]:
    """Let the package find this revision too, in a copy of its scripts; the revision's name.

    With `usable_from`, the name says that releases with that revision may use the schema.
    """
    head = revisions.revisions()[-1]
    name = f"{int(revisions.number(head)) + 1:04}" + (f"_from_{usable_from}" if usable_from else "")
    scripts = Path(shutil.copytree(revisions.folder(), folder / "scripts"))
    (scripts / "versions" / f"{name}_notes.py").write_text(source.replace("{next}", name).replace("{head}", head))
    with pytest.MonkeyPatch.context() as patching:
        patching.setattr(revisions, "folder", lambda: scripts)
        yield name


async def upgrade(url: str, folder: Path, *, usable_from: str | None = None) -> str:
    """Upgrade a database to this revision, as the next release would; the revision's name."""
    store = SQLAlchemyStore(url)
    with shipped(folder, usable_from=usable_from) as name:
        await migrations.upgrade(store.engine)
    await store.close()
    return name
