"""Find out what became of an addition whose answer was lost, and make sure that it is not stored late.

The namespace's row is locked first. So either the lost call has written it by then, or it will find the row changed:

- A checkpoint names the epoch of its namespace and gives it a new one. If the row has the new epoch, the checkpoint was
  stored. If it still has the old one, it was not; it gets another one, so that the lost call is refused. Else somebody
  else has stored a checkpoint since, and the lost call is refused; whether it was stored before, its own row says.
- A row of writes has the token of its call. If there is none, the namespace's generation grows by one, so that the lost
  call is refused.
- A namespace has the token of the call that created it as its id.

If something was removed from the namespace meanwhile, or the checkpoint was replaced, nobody can say whether the
addition was stored before.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select, update

from .. import tokens
from ..context import Context
from ..statements import Fenced, Group, Lost, Statement, Steps, number, parameter
from ..tables import GRAPH_CHECKPOINTS as C
from ..tables import GRAPH_NAMESPACES as N
from ..tables import GRAPH_WRITES as W
from .rows import Namespace, removed_between
from .targets import Addition


def find_addition(addition: Addition, epoch: int | None) -> Steps[Namespace | Fenced | Lost]:
    """Return the namespace as the addition left it, if it was stored; `Fenced` if it never will be.

    UNKNOWN if it may have been stored, and removed or replaced since. `epoch` is the one that a checkpoint gave its
    namespace.
    """
    place = addition.place
    (rows,) = yield Group((Statement(_locking, (place.id is not None,), _key(place)),))
    if place.id is None:
        return addition.created if rows and rows[0][0] == addition.token else Lost.UNKNOWN
    if not rows:  # and a namespace with this id never will be
        return Fenced(0)
    _id, generation, now = rows[0]
    if addition.checkpoints:
        (rows,) = yield Group((Statement(_body, (), _row(addition)),))
        if now == epoch or (rows and rows[0][0] == addition.checkpoints[0]["body"]):
            return place._replace(epoch=epoch or 0)
        if rows and now != addition.expected:
            return Lost.UNKNOWN
    else:
        (rows,) = yield Group((Statement(_with_token, (), _row(addition)),))
        if rows:
            return place
    if removed_between(place.generation, generation):
        return Lost.UNKNOWN
    if addition.expected is None and generation == place.generation:
        yield _fence(place, generation + 1, now)
    elif addition.expected == now:
        yield _fence(place, generation, tokens.new_token())
    return Fenced(0)


def _row(addition: Addition) -> dict[str, Any]:
    """Return the key of the row that the addition stores, and the token that a row of writes has."""
    saved = addition.checkpoints
    checkpoint_id = saved[0]["checkpoint_id"] if saved else addition.writes[0][0]
    key = {"thread_digest": addition.place.thread_digest, "namespace_id": addition.place.id}
    return {**key, "checkpoint_id": checkpoint_id, "token": addition.token}


def _fence(place: Namespace, generation: int, epoch: int) -> Group:
    return Group((Statement(_fencing, (), {**_key(place), "to_generation": generation, "to_epoch": epoch}),))


def _key(place: Namespace) -> dict[str, Any]:
    return {**place.key, "id": place.id}


def _locking(_context: Context, known: bool) -> Select[Any]:
    names = ("thread_digest", "id" if known else "digest")
    here = [N.c[name] == parameter(N.c[name]) for name in names]
    return select(N.c.id, N.c.generation, N.c.epoch).where(*here).with_for_update()


def _fencing(_context: Context) -> Any:
    here = [N.c[name] == parameter(N.c[name]) for name in ("thread_digest", "id")]
    return update(N).where(*here).values(generation=number("to_generation"), epoch=number("to_epoch"))


def _body(_context: Context) -> Select[Any]:
    here = [C.c[name] == parameter(C.c[name]) for name in ("thread_digest", "namespace_id", "checkpoint_id")]
    return select(C.c.body).where(*here)


def _with_token(_context: Context) -> Select[Any]:
    names = ("thread_digest", "namespace_id", "checkpoint_id", "token")
    return select(W.c.token).where(*(W.c[name] == parameter(W.c[name]) for name in names))
