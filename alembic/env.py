"""Alembic's environment; the code is in `agentomatic_sql.migrations`."""

from agentomatic_sql.migrations import run_env

run_env()
