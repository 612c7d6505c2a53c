"""SQLite files with the tables of agentomatic's own store, and rows that no release writes by itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

# As `create_all` of 1.16 writes them, without what tests do not need: indexes and keys that SQLite may ignore.
SCHEMA = """
CREATE TABLE threads (
    id VARCHAR(64) NOT NULL PRIMARY KEY, user_id VARCHAR(128) NOT NULL, agent_name VARCHAR(128) NOT NULL,
    title VARCHAR(256), metadata_json JSON, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL,
    message_count INTEGER NOT NULL, parent_thread_id VARCHAR(64), fork_message_index INTEGER);
CREATE TABLE messages (
    id INTEGER NOT NULL PRIMARY KEY, thread_id VARCHAR(64) NOT NULL, role VARCHAR(32) NOT NULL, content TEXT NOT NULL,
    metadata_json JSON, created_at DATETIME NOT NULL);
CREATE INDEX ix_messages_thread_id ON messages (thread_id);
CREATE TABLE feedback (
    id INTEGER NOT NULL PRIMARY KEY, thread_id VARCHAR(64) NOT NULL, message_id INTEGER, user_id VARCHAR(128) NOT NULL,
    agent_name VARCHAR(128) NOT NULL, rating INTEGER, comment TEXT, feedback_type VARCHAR(32) NOT NULL, "query" TEXT,
    response TEXT, correction TEXT, created_at DATETIME NOT NULL);
CREATE TABLE suspended_states (
    id VARCHAR(64) NOT NULL PRIMARY KEY, thread_id VARCHAR(64) NOT NULL, agent_name VARCHAR(128) NOT NULL,
    node_name VARCHAR(128) NOT NULL, state_json JSON NOT NULL, created_at DATETIME NOT NULL, expires_at DATETIME);
CREATE TABLE checkpoints (
    thread_id VARCHAR(64) NOT NULL, checkpoint_ns VARCHAR(128) NOT NULL, checkpoint_id VARCHAR(64) NOT NULL,
    parent_checkpoint_id VARCHAR(64), checkpoint_json JSON NOT NULL, metadata_json JSON NOT NULL,
    created_at DATETIME NOT NULL, PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id));
CREATE TABLE agent_invocation_logs (
    id VARCHAR(64) NOT NULL PRIMARY KEY, agent_name VARCHAR(128) NOT NULL, resource_type VARCHAR(32),
    thread_id VARCHAR(64), run_id VARCHAR(64), timestamp DATETIME NOT NULL, endpoint VARCHAR(64) NOT NULL,
    input_json JSON, output_json JSON, metadata_json JSON, error TEXT, duration_ms FLOAT, status VARCHAR(32) NOT NULL);
CREATE TABLE log_analyses (
    id VARCHAR(64) NOT NULL PRIMARY KEY, agent_name VARCHAR(128) NOT NULL, resource_type VARCHAR(32), score FLOAT,
    summary TEXT NOT NULL, status VARCHAR(64) NOT NULL, recommendations JSON, metadata_json JSON,
    created_at DATETIME NOT NULL);
CREATE TABLE optimization_runs (
    id VARCHAR(64) NOT NULL PRIMARY KEY, experiment_id VARCHAR(64) NOT NULL, agent_name VARCHAR(128) NOT NULL,
    baseline_score FLOAT, best_score FLOAT, prompt_versions JSON, score_history JSON, learnings JSON, artefacts JSON,
    metadata_json JSON, created_at DATETIME NOT NULL);
"""

AT = "2026-01-31 09:30:00.123456"


def make(path: Path, *, threads: int = 1, messages: int = 0, content: str = "x") -> str:
    """Make the tables with some threads of as many messages each, whose counters say 0; returns the URL."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(SCHEMA)
        names = [f"t{number:06}" for number in range(threads)]
        connection.executemany(
            "INSERT INTO threads VALUES (?, 'ada', 'agent', NULL, '{}', ?, ?, 0, NULL, NULL)",
            [(name, AT, AT) for name in names],
        )
        rows = ((name, content, AT) for name in names for _number in range(messages))
        connection.executemany(
            "INSERT INTO messages (thread_id, role, content, metadata_json, created_at) VALUES (?, 'user', ?, '{}', ?)",
            rows,
        )
    return f"sqlite:///{path}"


def run(path: Path, statement: str, *parameters: Any) -> Sequence[Any]:
    """Run a statement in a file; returns its rows."""
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(statement, parameters).fetchall()
