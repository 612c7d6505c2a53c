"""The mapped classes, which an application may use in its own queries, have the tables as they are."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.orm import Mapper

from agentomatic_sql import models, tables

MAPPERS: list[Mapper[Any]] = [inspect(mapped) for mapped in models.Base.__subclasses__()]


def test_every_table_has_a_class() -> None:
    assert [mapper.local_table for mapper in MAPPERS] == [*tables.METADATA.tables.values()]


@pytest.mark.parametrize("mapper", MAPPERS, ids=lambda mapper: mapper.class_.__name__)
def test_a_class_declares_each_column_and_whether_it_can_be_null(mapper: Mapper[Any]) -> None:
    hints = {name: get_args(hint)[0] for name, hint in get_type_hints(mapper.class_).items() if name in mapper.attrs}
    columns = {name: mapper.columns[name] for name in mapper.attrs.keys()}  # noqa: SIM118 - no mapping
    assert {name: type(None) in get_args(hint) for name, hint in hints.items()} == {
        name: column.nullable for name, column in columns.items()
    }


def test_a_class_is_queried_by_its_attributes() -> None:
    query = select(models.Thread.id, models.Thread.metadata_).where(models.Thread.user_id == "ada")
    assert (
        str(query).split()
        == (
            "SELECT agentomatic_threads.id, agentomatic_threads.metadata FROM agentomatic_threads "
            "WHERE agentomatic_threads.user_id = :user_id_1"
        ).split()
    )
