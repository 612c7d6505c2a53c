"""Runs a script of SQL on any database."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import aiomysql
import asyncpg
from pymysql.constants import CLIENT
from sqlalchemy import make_url


async def run_script(url: str, script: str) -> None:
    """Run a whole script through the driver alone, as a database administrator's program would."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(parsed.database))) as connection:
            connection.executescript(script)
    elif parsed.get_backend_name() in ("mysql", "mariadb"):
        mysql = await aiomysql.connect(
            host=parsed.host,
            port=parsed.port or 3306,
            user=parsed.username,
            password=parsed.password or "",
            db=parsed.database,
            charset="utf8mb4",
            client_flag=CLIENT.MULTI_STATEMENTS,
        )
        with closing(mysql):
            async with mysql.cursor() as cursor:
                await cursor.execute(script)
                while await cursor.nextset():
                    continue
            await mysql.commit()
    else:
        postgres = await asyncpg.connect(parsed.set(drivername="postgresql", query={}).render_as_string(False))
        try:
            await postgres.execute(script)
        finally:
            await postgres.close()
