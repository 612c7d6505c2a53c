"""Writes the files of `tests/sql` anew."""

from __future__ import annotations

import sqlalchemy

from .files import write
from .recording import SERVERS

if not sqlalchemy.__version__.startswith("2.0."):
    raise SystemExit("SQLAlchemy 2.0 writes these files: CockroachDB's dialect needs it")
for name in SERVERS:
    write(name)
