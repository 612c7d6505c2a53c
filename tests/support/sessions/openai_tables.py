"""Tables as the OpenAI Agents SDK's `SQLiteSession` makes them (openai-agents 0.24), filled without the package."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

Item = Mapping[str, Any] | str
"""An item; a text is stored as it is."""


def url(path: Path) -> str:
    return f"sqlite:///{path}"


def fill(path: Path, sessions: Mapping[str, Sequence[Item]], *, orphans: bool = False) -> None:
    """Add items to sessions; to those without a row of their own, if `orphans`."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS agent_sessions (session_id TEXT PRIMARY KEY, "
            "created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)"
        )
        connection.execute(
            "CREATE TABLE IF NOT EXISTS agent_messages (id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT NOT NULL,"
            " message_data TEXT NOT NULL, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, "
            "FOREIGN KEY (session_id) REFERENCES agent_sessions (session_id) ON DELETE CASCADE)"
        )
        for session_id, items in sessions.items():
            if not orphans:
                connection.execute("INSERT OR IGNORE INTO agent_sessions (session_id) VALUES (?)", (session_id,))
            for item in items:
                data = item if isinstance(item, str) else json.dumps(item)
                row = (session_id, data)
                connection.execute("INSERT INTO agent_messages (session_id, message_data) VALUES (?, ?)", row)


def said(*texts: str) -> list[Item]:
    """Return what a user said."""
    return [{"role": "user", "content": text} for text in texts]


def change(path: Path, statement: str) -> None:
    """Change the tables."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)
