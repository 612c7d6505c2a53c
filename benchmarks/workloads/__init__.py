"""The workloads, and the sizes of the database that they run on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from benchmarks.contenders.base import Contender

from .appending import Append, Append32, AppendMany, AppendThousand, Hot32
from .base import QUICK, Sample, Scale, Workload
from .copying import Delete, Fork
from .graphs import Get, List, Put, Steps, Steps16
from .reading import Latest, Latest16, Latest200, ListDeep, ListDeepByKey, ListUser, Middle, history, listing
from .starting import (
    Burst,
    ColdStart,
    FirstAppend,
    Import,
    ImportCPU,
    ImportSaver,
    ImportSaverCPU,
    Memory,
    SaverMemory,
)
from .storing import Feedback, Stats, Suspended

__all__ = ["QUICK", "SCENES", "WORKLOADS", "Sample", "Scale", "Workload"]

_ALL: tuple[type[Workload], ...] = (
    Append,
    Append32,
    Hot32,
    AppendMany,
    AppendThousand,
    Suspended,
    Feedback,
    FirstAppend,
    Import,
    ImportCPU,
    ImportSaver,
    ImportSaverCPU,
    Latest,
    Latest16,
    Latest200,
    Middle,
    Stats,
    Fork,
    Delete,
    Burst,
    ColdStart,
    Memory,
    ListUser,
    ListDeep,
    ListDeepByKey,
    Put,
    Get,
    List,
    Steps,
    Steps16,
    SaverMemory,
)

WORKLOADS: dict[str, type[Workload]] = {workload.name: workload for workload in _ALL}


async def _nothing(contender: Contender, scale: Scale) -> None:
    return None


SCENES: dict[str, Callable[[Contender, Scale], Awaitable[None]]] = {
    "empty": _nothing,
    "history": history,
    "listing": listing,
    "graphs": _nothing,
}
"""What a database of a contender's own is filled with before the workloads of the scene, one after the other."""
