"""Answers from the dialogues of the PyPI package chatterbot-corpus: a line gets the line that followed it."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from agentomatic import AgentManifest
from chatterbot_corpus.corpus import DATA_DIRECTORY

LANGUAGES = ("english", "french", "chinese", "hebrew")
UNKNOWN = "I have not heard that one."

manifest = AgentManifest(
    name="dialogues",
    slug="dialogues",
    description="Small talk in four languages, without a language model.",
    framework="custom",
)


def load_replies() -> dict[str, list[str]]:
    """Every line that is answered in some dialogue, and its answers in the order of the files."""
    replies: defaultdict[str, list[str]] = defaultdict(list)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for language in LANGUAGES:
        for file in sorted(Path(DATA_DIRECTORY, language).glob("*.yml")):
            for dialogue in yaml.load(file.read_text(encoding="utf-8"), loader)["conversations"]:
                for line, reply in pairwise(dialogue):
                    replies[str(line).strip().casefold()].append(str(reply))
    return dict(replies)


REPLIES = load_replies()


async def node_fn(state: dict[str, Any]) -> dict[str, Any]:
    """The next answer to the line: which one depends on how many turns the thread has had."""
    earlier = state["messages"][:-1]  # the last message is the line itself
    known = REPLIES.get(state["current_query"].strip().casefold(), [UNKNOWN])
    return {
        "response": known[len(earlier) // 2 % len(known)],
        "metadata": {"heard": [message.content for message in earlier]},
    }
