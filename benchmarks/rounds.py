"""Measuring: in each round every contender once, in random order, so that whatever else happens befalls all of them."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from itertools import groupby

from benchmarks.contenders import find
from benchmarks.contenders.base import Contender, NotOffered
from benchmarks.databases import Server, fresh
from benchmarks.measured import NOTHING, Measured, Outcome, Run
from benchmarks.workloads import SCENES, Scale, Workload

Say = Callable[[str], None]


async def measure(
    run: Run, server: Server, workloads: Sequence[type[Workload]], names: Sequence[str], scale: Scale, say: Say
) -> None:
    """Run the workloads and fill in the results as they come; what is there when it is broken off stays."""
    ordered = sorted(workloads, key=lambda workload: list(SCENES).index(workload.scene))
    for scene, group in groupby(ordered, key=lambda workload: workload.scene):
        async with AsyncExitStack() as stack:
            left_out: dict[str, str] = {}
            contenders: dict[str, Contender] = {}
            for name in names:
                say(f"{server.name}: {name}: tables for the scene {scene}")
                try:
                    contenders[name] = await _opened(name, server, scene, scale, stack)
                except LookupError as error:
                    left_out[name] = str(error)
            for workload in group:
                outcome = Outcome(workload.title, names[0], unit=workload.unit)
                run.workloads[workload.name] = outcome
                outcome.contenders = {name: Measured(left_out=left_out.get(name)) for name in names}
                await _workload(run, outcome, workload, contenders, scale, say)


async def _opened(name: str, server: Server, scene: str, scale: Scale, stack: AsyncExitStack) -> Contender:
    """A contender on a filled database of its own. Raises LookupError with the reason why there is none."""
    try:
        kind = find(name, server.name)
    except ImportError as error:
        raise LookupError(f"not installed: {error.name}") from error
    if kind is None:
        raise LookupError(f"does not run on {server.name}")
    async with AsyncExitStack() as own:
        contender = kind(await own.enter_async_context(fresh(server)))
        own.push_async_callback(closed, contender)
        try:
            await contender.open()
            await SCENES[scene](contender, scale)
        except NotOffered as error:
            raise LookupError(NOTHING) from error
        except Exception as error:  # whatever its library raises is why it is left out
            raise LookupError(first_line(error)) from error
        stack.push_async_exit(own.pop_all())
    return contender


async def closed(contender: Contender) -> None:
    """Close it; one that could not be opened may have nothing to close."""
    with suppress(Exception):
        await contender.close()


async def _workload(
    run: Run, outcome: Outcome, kind: type[Workload], contenders: dict[str, Contender], scale: Scale, say: Say
) -> None:
    running: dict[str, Workload] = {}
    try:
        for name, contender in contenders.items():
            say(f"{run.database}: {kind.name}: {name}: preparing")
            try:
                running[name] = await _prepared(kind, contender, scale)
            except LookupError as error:
                outcome.contenders[name].left_out = str(error)
        if outcome.yardstick not in running:
            outcome.yardstick = next((name for name in (*kind.yardsticks, *running) if name in running), "")
        for number in range(run.rounds + 1):
            which = f"round {number} of {run.rounds}" if number else "warming up"
            for name in random.sample(list(running), len(running)):
                say(f"{run.database}: {kind.name}: {which}: {name}")
                await running[name].prepare()
                gc.collect()
                sample = await running[name].run(run.seconds)
                if number:  # the first warms everything up
                    outcome.contenders[name].rates.append(sample.rate)
        for name, workload in running.items():
            say(f"{run.database}: {kind.name}: checking {name}")
            outcome.contenders[name].wrong = await workload.verdict()
    finally:
        for workload in running.values():
            await workload.finish()


async def _prepared(kind: type[Workload], contender: Contender, scale: Scale) -> Workload:
    """A workload that is ready. Raises LookupError with the reason why the contender is left out."""
    if not kind.offered(contender):
        raise LookupError(NOTHING)
    workload = kind(contender, scale)
    try:
        await workload.setup()
    except BaseException as error:
        await workload.finish()
        if isinstance(error, NotOffered):
            raise LookupError(NOTHING) from error
        if isinstance(error, Exception):  # whatever its library raises is why it is left out
            raise LookupError(first_line(error)) from error
        raise
    return workload


def first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:200]
