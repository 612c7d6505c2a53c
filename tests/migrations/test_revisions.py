"""The objects that a revision creates are found out from the revision itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agentomatic_sql import migrations
from agentomatic_sql.migrating import contents, revisions
from agentomatic_sql.migrating.noted import Item
from agentomatic_sql.migrating.revisions import Step
from tests.support import next_revision

DIALECTS = ("sqlite", "postgresql", "mysql", "mariadb")
MADE = re.compile(
    r"^CREATE (?:OR REPLACE )?(?:UNIQUE )?(TABLE|INDEX|VIEW|MATERIALIZED VIEW|SEQUENCE|TYPE|DOMAIN)"
    r" (?:IF NOT EXISTS )?(\S+)",
    re.MULTILINE,
)

STANDARD = '''"""As Alembic's template begins a revision, with other ways to make things"""

import sqlalchemy as sa
from alembic import context, op

revision = "{next}"
down_revision = "{head}"


def upgrade():
    assert context.is_offline_mode() and context.get_context().dialect.name == "sqlite"
    op.rename_table("agentomatic_notes", "agentomatic_old_notes")
    op.create_table("agentomatic_notes", sa.Column("id", sa.Integer), sa.Index("ix_n", "id"))
    op.create_unique_constraint("uq_n", "agentomatic_notes", ["id"])
    op.create_foreign_key("fk_n", "agentomatic_notes", "agentomatic_old_notes", ["id"], ["id"])
    op.drop_constraint("uq_n", "agentomatic_notes")
    op.drop_index("ix_n")
    op.drop_table("agentomatic_old_notes")
    op.execute("UPDATE agentomatic_threads SET title = NULL")


def downgrade():
    op.create_table("agentomatic_older_notes", sa.Column("id", sa.Integer))
'''


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_object_in_the_printed_sql_is_known(dialect: str) -> None:
    """A revision that makes an object by SQL of its own makes it in a way that is not looked for beforehand."""
    printed = migrations.sql(f"{dialect}://localhost/nowhere")
    made = {(kind.lower(), name.strip('"`')) for kind, name in MADE.findall(printed)}
    known = {(item.kind, item.name) for item in contents.created(dialect, revisions.pending(None))}
    assert made - known == {("table", migrations.VERSION_TABLE)}
    assert {item for item in known if item[0] in ("table", "index")} <= made


def test_the_items_of_a_schema_follow_renaming_and_dropping(tmp_path: Path) -> None:
    with next_revision.shipped(tmp_path / "one") as one:
        notes = contents.owned("sqlite", one) - contents.owned("sqlite", "0002")
        assert Item("table", "agentomatic_notes", "agentomatic_notes") in notes
        assert Item("column", "agentomatic_threads", "mood") in notes
        with next_revision.shipped(tmp_path / "two", STANDARD) as two:
            held = contents.owned("sqlite", two)
            of_notes = {item for item in held if item.table == "agentomatic_notes"}
            assert of_notes == {
                Item("table", "agentomatic_notes", "agentomatic_notes"),
                Item("column", "agentomatic_notes", "id"),
                Item("foreign key", "agentomatic_notes", "fk_n"),
            }
            assert not {item for item in held if item.table == "agentomatic_old_notes"}
            assert Item("column", "agentomatic_threads", "mood") in held
            assert {item.table for item in contents.created("sqlite", [Step(two, False)])} == {
                "agentomatic_older_notes"
            }


def test_a_revision_in_batches_is_refused(tmp_path: Path) -> None:
    batch = STANDARD.replace(
        "    op.rename_table", '    op.batch_alter_table("agentomatic_notes")\n    op.rename_table'
    )
    with next_revision.shipped(tmp_path, batch), pytest.raises(NotImplementedError, match="batches"):
        contents.created("sqlite", revisions.pending(None))


def test_no_revision_lets_a_release_go_on_that_an_earlier_one_has_shut_out() -> None:
    """A break shuts out the releases before it, whatever a later revision's name says."""
    oldest = [name.partition(revisions.USABLE_FROM)[2] or name for name in revisions.revisions()]
    assert oldest == sorted(oldest)
    assert all(first <= revisions.number(name) for first, name in zip(oldest, revisions.revisions(), strict=True))
