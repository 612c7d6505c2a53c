"""The conventions of LangGraph's own savers: where the class is imported from, and `from_conn_string`."""

from __future__ import annotations

import subprocess
import sys

import pytest
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from sqlalchemy import make_url

import agentomatic_sql
from agentomatic_sql import InvalidURL, SQLAlchemySaver, StoreClosed, langgraph
from tests.support.checkpoints import config
from tests.support.graphs import approving

EXTRA = ("langchain_core", "langgraph", "ormsgpack", "zstandard")
"""The modules that the extra `langgraph` brings."""


def program(text: str) -> str:
    """Run a program in a process of its own and return what it prints."""
    done = subprocess.run([sys.executable, "-W", "error", "-c", text], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


# the name


def test_the_package_itself_has_the_saver() -> None:
    assert SQLAlchemySaver is langgraph.SQLAlchemySaver
    assert agentomatic_sql.SQLAlchemySaver is langgraph.SQLAlchemySaver


def test_langgraph_is_imported_when_the_saver_is_asked_for_and_not_before() -> None:
    assert program(
        "import sys\n"
        "from agentomatic_sql import *\n"
        "print('SQLAlchemySaver' in globals(), 'langgraph' in sys.modules)\n"
        "from agentomatic_sql import SQLAlchemySaver\n"
        "print(SQLAlchemySaver.__name__, 'langgraph' in sys.modules)\n"
    ) == "False False\nSQLAlchemySaver True\n"  # fmt: skip


ASKING = """
from agentomatic_sql import *
from agentomatic_sql import MissingExtra

def saver():
    from agentomatic_sql import SQLAlchemySaver

def module():
    import agentomatic_sql.langgraph

def moving():
    import asyncio
    from agentomatic_sql.moving import import_langgraph
    asyncio.run(import_langgraph("sqlite:///a.db", "sqlite:///b.db"))

for ask in (saver, module, saver, moving):
    try:
        ask()
    except MissingExtra as error:
        print(error.module.partition(".")[0], error.extra, isinstance(error, ImportError), error)
"""


@pytest.mark.parametrize("missing", EXTRA)
def test_without_the_extra_the_error_names_it(missing: str) -> None:
    lines = program(f"import sys; sys.modules[{missing!r}] = None\n{ASKING}").splitlines()  # None: no such module
    assert len(lines) == 4
    for line in lines:
        assert line.startswith(f"{missing} langgraph True {missing}")
        assert line.endswith(" is not installed: pip install 'agentomatic-sql[langgraph]'")


def test_any_other_module_that_is_missing_is_named_as_it_is() -> None:
    assert program(
        "import sys; sys.modules['agentomatic_sql.graphs.cache'] = None\n"
        "try:\n"
        "    import agentomatic_sql.langgraph\n"
        "except ModuleNotFoundError as error:\n"
        "    print(error.name)\n"
    ) == "agentomatic_sql.graphs.cache\n"  # fmt: skip


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(agentomatic_sql, "PostgresSaver")


# from_conn_string


async def test_a_saver_from_a_url_in_async_with(database_url: str) -> None:
    async with SQLAlchemySaver.from_conn_string(database_url) as saver:
        await saver.asetup()  # LangGraph's own has to be told; it does no harm
        await approving().compile(checkpointer=saver).ainvoke({"log": []}, config())
    with pytest.raises(StoreClosed):
        await saver.aget_tuple(config())
    async with SQLAlchemySaver.from_conn_string(make_url(database_url)) as saver:
        assert await saver.aget_tuple(config()) is not None


def test_a_saver_from_a_url_in_with(database_url: str) -> None:
    with SQLAlchemySaver.from_conn_string(database_url) as saver:
        saver.setup()
        approving().compile(checkpointer=saver).invoke({"log": []}, config())
    with pytest.raises(StoreClosed):
        saver.get_tuple(config())
    with SQLAlchemySaver.from_conn_string(database_url) as saver:
        assert saver.get_tuple(config()) is not None


async def test_its_options() -> None:
    class Own(SQLAlchemySaver):
        pass

    serde = JsonPlusSerializer()
    saver = Own.from_conn_string("sqlite://", serde=serde, strict=False, pool_size=3)
    assert type(saver) is Own
    assert saver.serde is serde
    assert saver._strict is False
    await saver.aclose()
    with pytest.raises(InvalidURL, match="sqlite:///path/to"):  # as SqliteSaver takes them
        SQLAlchemySaver.from_conn_string("checkpoints.sqlite")
    with pytest.raises(TypeError, match="pipeline"):  # PostgresSaver's
        SQLAlchemySaver.from_conn_string("sqlite://", pipeline=True)
