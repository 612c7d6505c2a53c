"""The differences between drivers: connecting, whether a connection is open or lost, running an operation."""

from .aiomysql import AiomysqlDriver
from .aiosqlite import AiosqliteDriver
from .asyncpg import AsyncpgDriver
from .base import Driver

__all__ = ["AiomysqlDriver", "AiosqliteDriver", "AsyncpgDriver", "Driver"]
