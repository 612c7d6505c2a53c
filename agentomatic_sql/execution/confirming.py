"""Make sure that what was found is as durable as what is written, before a caller is told that it is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Boolean, literal_column, select

from ..context import Context
from ..statements import Group, Statement, Steps

_P = ParamSpec("_P")
_R = TypeVar("_R")


def confirmed(find: Callable[..., Steps[_R]]) -> Callable[..., Steps[_R]]:
    """Return a `find` whose commit waits for a synchronous replica: see `Dialect.confirmation`.

    A primary that was started again shows what its replica never got.
    """

    def finding(context: Context, *args: Any, **kwargs: Any) -> Steps[_R]:
        if context.dialect.confirmation is not None:
            yield Group((Statement(_confirming),))
        return (yield from find(context, *args, **kwargs))

    return finding


def _confirming(context: Context) -> Any:
    return select(literal_column(context.dialect.confirmation or "true", Boolean()))
