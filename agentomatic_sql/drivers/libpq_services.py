"""libpq's options for user, password and database, and the services that they name, read for a URL."""

from __future__ import annotations

import configparser
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import URL


def resolved(url: URL) -> URL:
    """Return a URL with the options of its `service`, and with `user`, `password` and `dbname` where a URL has them.

    As with libpq, options count before the rest of the URL, and both before the service. Raises ValueError for a
    service that is not known.
    """
    options: dict[str, Any] = dict(url.query)
    service, file = options.pop("service", None), options.pop("servicefile", None)
    if service is not None:
        written = {"user": url.username, "password": url.password, "host": url.host, "port": url.port}
        of_url = {*options, *(name for name, value in written.items() if value)}
        of_url |= {"dbname", "database"} if url.database else set()
        options |= {name: value for name, value in _service(service, file).items() if name not in of_url}
    elif file is not None:
        raise ValueError("servicefile= needs service=, the name of a service in it")
    username, password = options.pop("user", url.username), options.pop("password", url.password)
    database = options.pop("database", url.database)  # asyncpg's name for it
    database = options.pop("dbname", database)
    return url.set(username=username, password=password, database=database, query=options)


def _service(name: str, file: str | None) -> dict[str, str]:
    """Return the options of a service, from the first file that has it."""
    files = [Path(file)] if file is not None else list(_files())
    for path in files:
        services = configparser.ConfigParser(
            delimiters=("=",), comment_prefixes=("#",), interpolation=None, strict=False, allow_no_value=True
        )
        try:
            services.read(path, encoding="utf-8")
        except configparser.Error:  # without the cause, because it quotes a line, perhaps with a password
            raise ValueError(f"service={name}: {path} cannot be read as a file of services") from None
        if services.has_section(name):
            return {option: value for option, value in services[name].items() if value is not None}
    looked = " or ".join(map(str, files)) or "any file"
    raise ValueError(f"service={name}: it is not in {looked}: name the file with servicefile= or PGSERVICEFILE")


def _files() -> Iterator[Path]:
    named = os.environ.get("PGSERVICEFILE")
    yield Path(named) if named else Path("~/.pg_service.conf").expanduser()
    if folder := os.environ.get("PGSYSCONFDIR"):
        yield Path(folder) / "pg_service.conf"
