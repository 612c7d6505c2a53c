"""The differences between drivers: how one connects, whether a connection is open or lost, how an operation runs on it."""

from .aiomysql import AiomysqlDriver
from .aiosqlite import AiosqliteDriver
from .asyncpg import AsyncpgDriver
from .base import Driver

__all__ = ["AiomysqlDriver", "AiosqliteDriver", "AsyncpgDriver", "Driver"]
