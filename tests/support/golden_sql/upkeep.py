"""The calls of all other operations: the schema's version, encryption keys, health."""

from __future__ import annotations

from agentomatic_sql import checks, migrations
from agentomatic_sql.dialects import Dialect
from agentomatic_sql.execution import health, positions, sizes
from agentomatic_sql.sealing import keys, rekeying
from agentomatic_sql.sealing.fields import FIELDS
from agentomatic_sql.tables import THREADS

from .calls import USER, Call, call, has_row_security, is_sharded, is_whole
from .graphs import DECRYPT, ENCRYPT
from .rows import AT, row

IDS = ["old", "older", "key"]
VERSION_TABLE = [{"name": migrations.VERSION_TABLE, "kind": "table"}]
VERSION = [{"version_num": migrations.revisions()[-1]}]


def limits_size(dialect: Dialect) -> bool:
    """Return whether a server has a limit beyond which it drops the connection."""
    return dialect.size_limit is not None


def has_settings(dialect: Dialect) -> bool:
    """Return whether a server's settings can make it useless."""
    return dialect.settings_query is not None


def has_positions(dialect: Dialect) -> bool:
    """Return whether a store can read from the database's replicas."""
    return dialect.position_query is not None


def rows_of(part: rekeying.Part) -> list[tuple[object, ...]]:
    """Two rows of a table, with the columns that are read to encrypt them again."""
    table = THREADS.metadata.tables[part.name]
    fields = FIELDS[table]
    names = dict.fromkeys((*table.primary_key.columns.keys(), *fields.identity, *fields.texts, *fields.objects))
    values = {"user_id": USER, **row(table, id=1)}  # of a message's thread
    return [tuple([values[name] for name in names])] * 2


def key_of(part: rekeying.Part) -> tuple[object, ...]:
    """The key of a row of a table."""
    columns = THREADS.metadata.tables[part.name].primary_key.columns
    return tuple([row(THREADS.metadata.tables[part.name], id=1)[column.name] for column in columns])


REKEYING = [
    entry
    for part in rekeying.parts()
    for entry in (
        call(part.left, f"count the rows of {part.name} to encrypt", ENCRYPT).answered([(1,)]),
        call(part.left, f"count the rows of {part.name} to decrypt", DECRYPT).answered([(1,)]),
        call(part.batch, f"encrypt the first rows of {part.name}", ENCRYPT, None)
        .answered([key_of(part)], rows_of(part))
        .on_dialects(is_whole),
        call(part.batch, f"encrypt the first row of {part.name}", ENCRYPT, None)
        .answered([key_of(part)], rows_of(part)[:1], [key_of(part)], rows_of(part)[:1])
        .on_dialects(is_sharded),
        call(part.batch, f"encrypt the next rows of {part.name}", ENCRYPT, key_of(part)),
    )
]

CALLS: list[Call] = [
    call(migrations.find_schema, "find the version of the schema").answered(VERSION_TABLE, VERSION),
    call(migrations.switch_row_security, "switch row-level security on", True).on_dialects(has_row_security),
    call(migrations.switch_row_security, "switch row-level security off", False).on_dialects(has_row_security),
    call(checks._row_security_active, "look whether row-level security binds the role")
    .answered([(True,)], [(True,)])
    .on_dialects(has_row_security),
    call(checks.rows_are_hidden, "look whether row-level security hides rows from the role")
    .answered(*[[(False,)]] * len(FIELDS))
    .on_dialects(has_row_security),
    call(health.ping, "get the version of the server, and its role").answered([("1", 0, 0)]),
    call(health.warnings, "compare the clocks", True)
    .answered([(AT, 1)])
    .on_dialects(lambda dialect: not dialect.in_process),
    call(health.warnings, "compare the clocks, and look for tables of the platform beside empty ones", True)
    .answered([(AT, 0)])
    .on_dialects(lambda dialect: not dialect.in_process),
    call(health.warnings, "compare the clocks without the tables", False)
    .answered([(AT, 1)])
    .on_dialects(lambda dialect: not dialect.in_process),
    call(health.warnings, "compare the clocks, and look at the settings of a connection", True)
    .answered([("wal",)], [(1,)], [("2026-01-01 00:00:00.000000", 1)])
    .on_dialects(lambda dialect: dialect.in_process),
    call(health.warnings, "look for tables of the platform beside empty ones, and at the settings", True)
    .answered([("wal",)], [(1,)], [("2026-01-01 00:00:00.000000", 0)])
    .on_dialects(lambda dialect: dialect.in_process),
    call(checks._settings, "look at the settings of the server").on_dialects(has_settings),
    call(positions.current, "get the position of a primary").answered([("0/1",)]).on_dialects(has_positions),
    call(positions.reached, "look whether a replica has reached a position", "0/1")
    .answered([(True,)])
    .on_dialects(has_positions),
    call(sizes.limit, "get the limit on the size of a statement", "max_allowed_packet")
    .answered([(1,)])
    .on_dialects(limits_size),
    call(keys.known, "get the keys that the database knows"),
    *REKEYING,
    call(rekeying.forget, "forget keys when everything is encrypted", ENCRYPT, IDS),
    call(rekeying.forget, "forget keys when everything is decrypted", DECRYPT, IDS),
]
