"""A tour of the store: real conversations are stored, used and compared.

    scripts/demo                                          a SQLite file, data/demo.db, created again
    scripts/demo postgresql://user:password@host/name     your database; again: continues where it stopped

It stores the dialogues of the package `chatterbot-corpus`, a thread a dialogue, then lists, pages, forks, rates,
suspends, approves and checkpoints, closes the store, opens it again and compares everything.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import textwrap
import time
from collections.abc import Awaitable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml  # type: ignore[import-untyped]
from chatterbot_corpus.corpus import DATA_DIRECTORY
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from agentomatic_sql import SQLAlchemyStore, StoreError

OWNER = "chatterbot-corpus"
"""The user that every thread of the demo belongs to."""
REVIEWER = "demo-reviewer"
PREFIX = "chatterbot/"
DEFAULT_FILE = Path("data/demo.db")
DEFAULT_URL = f"sqlite:///{DEFAULT_FILE.as_posix()}"
APPLICATION_ID = 0x41474D53
"""Stands in the header of a SQLite file that the demo made: no other file is ever replaced."""


class DemoFailed(Exception):
    """The database is not as it has to be."""


def must(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise DemoFailed(otherwise)


# the conversations


@dataclass(frozen=True)
class Dialogue:
    """A conversation; its id says where it stands, so that a second run knows it."""

    thread_id: str
    agent_name: str
    metadata: dict[str, Any]
    texts: list[str]

    @property
    def title(self) -> str:
        return self.texts[0]

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The two speakers take turns, the user first."""
        return [{"role": ("user", "assistant")[i % 2], "content": text} for i, text in enumerate(self.texts)]


@dataclass
class Corpus:
    files: int = 0
    dialogues: list[Dialogue] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    @property
    def messages(self) -> int:
        return sum(len(dialogue.texts) for dialogue in self.dialogues)

    @property
    def languages(self) -> int:
        return len({dialogue.agent_name for dialogue in self.dialogues})

    @property
    def longest(self) -> Dialogue:
        """Return the longest dialogue, an English one if there is any, so that most people can read it."""
        english = [dialogue for dialogue in self.dialogues if dialogue.agent_name == "chatterbot-english"]
        return max(english or self.dialogues, key=lambda dialogue: len(dialogue.texts))


def read_corpus(files: int | None) -> Corpus:
    root = Path(DATA_DIRECTORY)
    corpus = Corpus()
    for path in sorted(root.rglob("*.yml"))[:files]:
        corpus.files += 1
        name = path.relative_to(root).with_suffix("").as_posix()
        try:
            corpus.dialogues += read_file(path, name)
        except (yaml.YAMLError, ValueError) as error:
            corpus.unreadable.append(f"{name}: {' '.join(str(error).split())}")
    must(bool(corpus.dialogues), f"there are no dialogues in {root}")
    return corpus


def read_file(path: Path, name: str) -> Iterator[Dialogue]:
    # This loader leaves every value the text that it is: an answer of 1984 or Yes is not a number or a truth.
    loaded = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    if not isinstance(loaded, dict) or not isinstance(loaded.get("conversations"), list):
        raise ValueError("no list of conversations")
    language = name.partition("/")[0]
    for number, turns in enumerate(loaded["conversations"]):
        texts = [turns] if isinstance(turns, str) else turns  # some have but one line, and no list around it
        if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
            raise ValueError(f"conversation {number} is not a list of texts")
        metadata = {"file": f"{name}.yml", "number": number, "categories": loaded.get("categories", [])}
        yield Dialogue(f"{PREFIX}{name}/{number}", f"chatterbot-{language}", metadata, texts)


# the steps: each does something with the store and says in a line what came of it


async def store_all(store: SQLAlchemyStore, corpus: Corpus, tasks: int, console: Console) -> str:
    """Store what is not there yet: a dialogue is in it whole or, when we are stopped, not at all."""
    there = {thread["id"] async for thread in store.iter_threads(user_id=OWNER) if thread["message_count"]}
    missing = [dialogue for dialogue in corpus.dialogues if dialogue.thread_id not in there]
    waiting = iter(missing)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_interactive) as progress:
        bar = progress.add_task("storing dialogues", total=len(corpus.dialogues))
        progress.advance(bar, len(corpus.dialogues) - len(missing))

        async def work() -> None:
            for dialogue in waiting:  # one iterator for all tasks: each takes the next dialogue
                await store_one(store, dialogue)
                progress.advance(bar)
                done = int(progress.tasks[bar].completed)
                if not console.is_interactive and done % 1000 == 0:  # no bar on this terminal
                    console.print(f"stored {done:,} of {len(corpus.dialogues):,} dialogues", highlight=False)

        async with asyncio.TaskGroup() as group:
            for _ in range(tasks):
                group.create_task(work())
    stored = sum(len(dialogue.texts) for dialogue in missing)
    known = len(corpus.dialogues) - len(missing)
    return f"{len(missing):,} dialogues, {stored:,} messages" + (f"; {known:,} were there" if known else "")


async def store_one(store: SQLAlchemyStore, dialogue: Dialogue) -> None:
    await store.create_thread(
        dialogue.thread_id, OWNER, dialogue.agent_name, title=dialogue.title, metadata=dialogue.metadata
    )
    await store.add_messages(dialogue.thread_id, dialogue.messages)


async def list_newest(store: SQLAlchemyStore, agent_name: str) -> str:
    threads = await store.list_threads(agent_name=agent_name, user_id=OWNER, limit=2)
    must(0 < len(threads) <= 2, f"no thread of {agent_name} is listed")
    return f"the newest of {agent_name}: " + "; ".join(shortened(thread["title"]) for thread in threads)


async def page_through(store: SQLAlchemyStore, corpus: Corpus) -> str:
    """Go through all threads, the newest first, with the last one of a page as the key to the next."""
    seen: list[str] = []
    pages, last = 0, None
    while page := await store.list_threads(user_id=OWNER, limit=500, after=last):
        seen += [thread["id"] for thread in page]
        pages, last = pages + 1, page[-1]
    must(len(seen) == len(set(seen)), "a thread came twice")
    must(not {dialogue.thread_id for dialogue in corpus.dialogues}.difference(seen), "a thread did not come")
    return f"{len(seen):,} threads, each once; pages: {pages}"


async def fork(store: SQLAlchemyStore, dialogue: Dialogue) -> str:
    """Take a dialogue back to its second message and go on another way; then fork that, too."""
    first, second = forks_of(dialogue)
    if await store.get_thread(first) is None:
        must(await store.fork_thread(dialogue.thread_id, 1, first) is not None, "there was nothing to fork")
    if (await store.get_messages(first, last=1))[0]["index"] == 1:
        await store.add_message(first, "user", another_way(dialogue))
    if await store.get_thread(second) is None:
        await store.fork_thread(first, 0, second, title="A fork of a fork")
    return f"{dialogue.thread_id}, {len(dialogue.texts)} messages, after the second; and the fork once more"


def forks_of(dialogue: Dialogue) -> tuple[str, str]:
    return f"{dialogue.thread_id}/fork", f"{dialogue.thread_id}/fork/fork"


def another_way(dialogue: Dialogue) -> str:
    return f"Let us speak of something else than “{dialogue.title}”."


async def lineage(store: SQLAlchemyStore, dialogue: Dialogue) -> str:
    first, second = forks_of(dialogue)
    ancestors = [thread["id"] for thread in (await store.get_thread_lineage(second))["ancestors"]]
    must(ancestors == [dialogue.thread_id, first], f"the ancestors are {ancestors}")
    descendants = [thread["id"] for thread in (await store.get_thread_lineage(dialogue.thread_id))["descendants"]]
    must(descendants == [first], f"the descendants are {descendants}")
    return "from the dialogue to its fork to the fork's own, and down again"


async def rate(store: SQLAlchemyStore, dialogue: Dialogue) -> str:
    question, answer = (await store.get_messages(dialogue.thread_id, limit=2))[:2]
    given = await store.get_feedback(agent_name=dialogue.agent_name, user_id=REVIEWER, limit=1000)
    if not any(feedback["message_id"] == answer["id"] for feedback in given):
        await store.add_feedback(
            dialogue.thread_id,
            REVIEWER,
            dialogue.agent_name,
            rating=5,
            comment="To the point.",
            message_id=answer["id"],
            query=question["content"],
            response=answer["content"],
        )
    return f"5 of 5 for “{shortened(answer['content'])}”"


def shortened(text: str) -> str:
    """At most 40 characters, whole words of them; some languages write no blanks between words."""
    if len(text) <= 40:
        return text
    return f"{text[:39].rpartition(' ')[0] or text[:39]}…"


async def suspend_and_approve(store: SQLAlchemyStore, dialogue: Dialogue) -> str:
    """An execution waits for a human; of eight who approve at once, one gets to resume it."""
    approval, state = f"{dialogue.thread_id}/approval", {"tool": "refund", "arguments": {"amount": "19.90"}}
    await store.save_suspended_state(approval, dialogue.thread_id, dialogue.agent_name, "ask_human", state, ttl=3600)
    waiting = await store.list_suspended_states(thread_id=dialogue.thread_id)
    must(approval in [entry["id"] for entry in waiting], "the suspended execution is not listed")
    claims = await asyncio.gather(*(store.claim_suspended_state(approval) for _ in range(8)))
    claimed = [claim for claim in claims if claim is not None]
    must(len(claimed) == 1, f"{len(claimed)} of eight approvals went through")
    must(claimed[0]["state_snapshot"] == state, "the state came back changed")
    return "suspended; eight approved at once, one resumed"


async def checkpoint(store: SQLAlchemyStore, dialogue: Dialogue) -> str:
    parent = None
    for number, channels in enumerate(checkpoints_of(dialogue)):
        name = f"step-{number}"
        await store.save_checkpoint(dialogue.thread_id, "", name, parent, channels, {"step": number})
        parent = name
    latest = await store.get_checkpoint(dialogue.thread_id, "", "")
    must(latest is not None and latest["checkpoint_id"] == parent, "the latest checkpoint is another")
    return f"{len(checkpoints_of(dialogue))} saved, the latest read back"


def checkpoints_of(dialogue: Dialogue) -> list[dict[str, Any]]:
    return [{"channel_values": {"messages": dialogue.texts[:length]}} for length in (1, 2, len(dialogue.texts))]


async def compare(store: SQLAlchemyStore, corpus: Corpus, before: dict[str, Any]) -> str:
    """Read all of it, and find it as it is in the files."""
    found: dict[str, list[dict[str, Any]]] = {}
    async for message in store.iter_messages():
        if message["thread_id"].startswith(PREFIX):
            found.setdefault(message["thread_id"], []).append(message)
    threads = {thread["id"]: thread async for thread in store.iter_threads(user_id=OWNER)}
    for dialogue in corpus.dialogues:
        kept = [{name: message[name] for name in ("role", "content")} for message in found.get(dialogue.thread_id, [])]
        must(kept == dialogue.messages, f"{dialogue.thread_id} came back changed")
        thread = threads[dialogue.thread_id]
        must(thread["message_count"] == len(kept), f"{dialogue.thread_id} has another count")
        must(thread["title"] == dialogue.title, f"{dialogue.thread_id} has another title")
        must(thread["metadata"] == dialogue.metadata, f"{dialogue.thread_id} has other metadata")
    await compare_extras(store, corpus.longest, found)
    must(await store.get_stats() == before, "the counts are not those from before it was closed")
    return f"{len(corpus.dialogues):,} dialogues, {corpus.messages:,} messages: all as in the files"


async def compare_extras(store: SQLAlchemyStore, dialogue: Dialogue, found: dict[str, list[dict[str, Any]]]) -> None:
    first, second = forks_of(dialogue)
    texts = [message["content"] for message in found[first]]
    must(texts == [*dialogue.texts[:2], another_way(dialogue)], "the fork came back changed")
    must([message["content"] for message in found[second]] == dialogue.texts[:1], "the second fork came back changed")
    for number, channels in enumerate(checkpoints_of(dialogue)):
        kept = await store.get_checkpoint(dialogue.thread_id, "", f"step-{number}")
        must(kept is not None and kept["checkpoint"] == channels, f"checkpoint {number} came back changed")
    ratings = await store.get_feedback(agent_name=dialogue.agent_name, user_id=REVIEWER)
    rated = [feedback["rating"] for feedback in ratings if feedback["thread_id"] == dialogue.thread_id]
    must(rated == [5], f"the ratings are {rated}")


# the run


class Report:
    """The counts and times of a run."""

    def __init__(self) -> None:
        self.table = Table("Step", "What it did", "Seconds", title="agentomatic-sql: the demo", title_justify="left")
        self.table.columns[2].justify = "right"
        self._begun = time.perf_counter()

    async def step(self, name: str, work: Awaitable[str]) -> None:
        begun = time.perf_counter()
        outcome = await work
        self.table.add_row(name, outcome, f"{time.perf_counter() - begun:.2f}")

    def print(self, console: Console, health: dict[str, Any], counts: dict[str, Any]) -> None:
        self.table.add_section()
        self.table.add_row("All", "", f"{time.perf_counter() - self._begun:.2f}")
        console.print(self.table)
        stored = ", ".join(f"{count:,} {name}".translate({32: "\xa0", 95: "\xa0"}) for name, count in counts.items())
        lines = {
            "Database": f"{health['database']} {health['server_version']}, schema {health['schema']['revision']}",
            "Data": health["url"],
            "It holds": stored,
        }
        for name, line in lines.items():
            print_filled(console, f"{name + ':':<10}{line}", indent=10)


def print_filled(console: Console, line: str, indent: int) -> None:
    """Break a line between words only: a URL that is longer than a line stays whole, to be copied."""
    wrap = textwrap.TextWrapper(console.width, subsequent_indent=" " * indent)
    wrap.break_long_words = wrap.break_on_hyphens = False
    console.print(wrap.fill(line).replace("\xa0", " "), highlight=False, markup=False, soft_wrap=True)


def print_next(console: Console) -> None:
    program = Path(sys.executable).with_name("agentomatic-sql")
    if program.is_relative_to(Path.cwd()):
        program = program.relative_to(Path.cwd())
    console.print("\nWhat to try next:")
    for purpose, command in {
        "the same on your server": "scripts/demo postgresql://user:password@host/name",
        "look after a database": f"{program} --help",
        "a chat backend in one file": "examples/chat/README.md",
    }.items():
        console.print(f"  {purpose + ':':<28}{command}", highlight=False, markup=False, soft_wrap=True)


async def migrate(store: SQLAlchemyStore) -> str:
    before = (await store.health_check()).get("schema", {}).get("revision")  # only looks
    await store.initialize()  # `async with` and the first use do so, too
    after = (await store.health_check())["schema"]["revision"]
    return f"the schema was at {after} already" if before == after else f"from {before or 'nothing'} to {after}"


async def run(store: SQLAlchemyStore, url: str, corpus: Corpus, tasks: int, console: Console) -> None:
    report = Report()
    longest = corpus.longest
    await report.step("Migrate", migrate(store))
    async with store:
        await report.step("Store", store_all(store, corpus, tasks, console))
        await report.step("List", list_newest(store, longest.agent_name))
        await report.step("Page", page_through(store, corpus))
        await report.step("Fork", fork(store, longest))
        await report.step("Lineage", lineage(store, longest))
        await report.step("Rate", rate(store, longest))
        await report.step("Approve", suspend_and_approve(store, longest))
        await report.step("Checkpoint", checkpoint(store, longest))
        counts = await store.get_stats()
    async with SQLAlchemyStore(url, migrate="check") as store:
        await report.step("Reopen", compare(store, corpus, counts))
        kept = {name: count for name, count in counts.items() if isinstance(count, int)}
        report.print(console, await store.health_check(), kept)
    print_next(console)


def fresh_file(console: Console) -> None:
    """An empty SQLite file in place of the one that an earlier run made."""
    if DEFAULT_FILE.exists():
        with DEFAULT_FILE.open("rb") as file:
            header = file.read(72)
        if header and header[68:72] != APPLICATION_ID.to_bytes(4, "big"):
            raise DemoFailed(f"{DEFAULT_FILE} is not a file of this demo: move it away, or give its URL")
        for suffix in ("", "-wal", "-shm"):
            DEFAULT_FILE.with_name(DEFAULT_FILE.name + suffix).unlink(missing_ok=True)
        console.print(f"Replacing {DEFAULT_FILE}, which an earlier run of this demo made.", highlight=False)
    DEFAULT_FILE.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(DEFAULT_FILE)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def main(
    url: Annotated[str | None, typer.Argument(help=f"The database. Without one: {DEFAULT_URL}, created again.")] = None,
    files: Annotated[int | None, typer.Option(min=1, help="Only the first so many files.")] = None,
    tasks: Annotated[
        int | None, typer.Option(min=1, help="How many dialogues are stored at the same time: 8, or 2 in a file.")
    ] = None,
) -> None:
    """Store several thousand real conversations, use every feature on them, and check that they come back unchanged."""
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal may not know all alphabets
    console = Console()
    where = DEFAULT_URL if url is None else url
    # A file has one writer at a time; a server is kept busy by more.
    tasks = tasks or (2 if where.startswith("sqlite") else 8)
    try:
        store = SQLAlchemyStore(where, pool_size=tasks)  # nothing is connected yet: says what is wrong with a URL
        corpus = read_corpus(files)
        for line in corpus.unreadable:
            console.print(f"Left out, {line}", markup=False, highlight=False)
        console.print(
            f"Files: {corpus.files}, languages: {corpus.languages}, dialogues: {len(corpus.dialogues):,}, "
            f"messages: {corpus.messages:,}.",
            highlight=False,
        )
        if url is None:
            fresh_file(console)
        asyncio.run(run(store, where, corpus, tasks, console))
    except KeyboardInterrupt:
        again = DEFAULT_URL if url is None else "with the same URL"
        typer.echo(f"\nStopped. Every dialogue stored is whole; to go on: scripts/demo {again}", err=True)
        raise typer.Exit(130) from None
    except (DemoFailed, StoreError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None


if __name__ == "__main__":
    typer.run(main)
