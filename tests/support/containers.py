"""Servers in containers, through testcontainers."""

from __future__ import annotations

import gc
import time
import warnings
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache

import docker
from docker.errors import DockerException, ImageNotFound
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from tests.support.interrupts import pause
from tests.support.programs import answers, free_port

PASSWORD = "only-for-tests"
READY_SECONDS = 60


@dataclass(frozen=True)
class Image:
    """An image, the port and URL of its server, and how it is told to be quick: its data need not outlive it."""

    image: str
    port: int
    url: str
    command: str = ""
    environment: dict[str, str] = field(default_factory=dict)


IMAGES = {
    "postgresql": Image(
        "postgres:18",
        5432,
        f"postgresql+asyncpg://postgres:{PASSWORD}@{{address}}/postgres",
        "postgres -c fsync=off -c max_connections=300",
        {"POSTGRES_PASSWORD": PASSWORD},
    ),
    "mysql": Image(
        "mysql:9",
        3306,
        f"mysql+aiomysql://root:{PASSWORD}@{{address}}/mysql",
        "mysqld --innodb-flush-log-at-trx-commit=0 --sync-binlog=0 --max-connections=300",
        {"MYSQL_ROOT_PASSWORD": PASSWORD},
    ),
    "mariadb": Image(
        "mariadb:11",
        3306,
        f"mariadb+aiomysql://root:{PASSWORD}@{{address}}/mysql",
        "mariadbd --innodb-flush-log-at-trx-commit=0 --max-connections=300",
        {"MARIADB_ROOT_PASSWORD": PASSWORD, "MYSQL_ROOT_PASSWORD": PASSWORD},
    ),
    "cockroachdb": Image(
        "cockroachdb/cockroach:latest-v25.4",
        26257,
        "cockroachdb+asyncpg://root@{address}/defaultdb?ssl=disable",
        "start-single-node --insecure --store=type=mem,size=1GiB",
    ),
    "redis": Image("redis:8", 6379, "redis://{address}/0"),
}


@cache
def daemon() -> docker.DockerClient | None:
    """The Docker daemon, where one answers."""
    try:
        client = docker.from_env(timeout=120)
        client.ping()
    except DockerException:
        client = None
    if client is None:
        # The client library leaves the socket that did not connect to the garbage collector, which would warn
        # in the middle of some test.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()
    return client


def has_image(name: str) -> bool:
    """Return whether the daemon has the image, or gets it from its registry."""
    client = daemon()
    if client is None:
        return False
    try:
        client.images.get(name)
    except ImageNotFound:
        try:
            client.images.pull(name)
        except DockerException:
            return False
    return True


class Killable:
    """A server of a test's own, as its image has it, that can be killed; its port and its data stay.

    Raises LookupError without a daemon or the image. `start` waits in the calling thread until the server answers.
    """

    def __init__(self, name: str, running: ExitStack, command: str = "") -> None:
        image = IMAGES[name]
        if not has_image(image.image):
            raise LookupError(f"no Docker daemon with the image {image.image}")
        _do_without_ryuk()
        port = free_port()
        container = DockerContainer(image.image).with_bind_ports(image.port, port)
        for variable, value in image.environment.items():
            container = container.with_env(variable, value)
        running.enter_context(container.with_command(command) if command else container)
        self._container = container.get_wrapped_container()
        self.url = image.url.format(address=f"{container.get_container_host_ip()}:{port}")

    @property
    def address(self) -> str:
        """The server's address for other containers, at its usual port."""
        self._container.reload()
        address: str = self._container.attrs["NetworkSettings"]["IPAddress"]
        return address

    def start(self) -> None:
        """Start and wait until it answers. Raises RuntimeError with its log where it does not."""
        self._container.start()
        deadline = time.monotonic() + READY_SECONDS
        while not answers(self.url):
            if time.monotonic() > deadline:
                raise RuntimeError(f"the container did not answer:\n{self._container.logs(tail=30).decode()}")
            pause(0.1)

    def kill(self) -> None:
        """SIGKILL to all of it."""
        self._container.kill()


def _do_without_ryuk() -> None:
    """Switch off what removes the containers of a run that crashed, if its image cannot be had."""
    if not testcontainers_config.ryuk_disabled and not has_image(testcontainers_config.ryuk_image):
        testcontainers_config.ryuk_disabled = True


def start(name: str, running: ExitStack, memory: str | None = None) -> str | None:
    """Start the server's container and wait until it answers; None without a daemon, the image or an answer.

    `memory` limits what it takes (`1g`), without swap; what the kernel caches of its files counts, too.
    """
    image = IMAGES[name]
    if not has_image(image.image):
        return None
    _do_without_ryuk()
    container = DockerContainer(image.image).with_exposed_ports(image.port)
    for variable, value in image.environment.items():
        container = container.with_env(variable, value)
    if image.command:
        container = container.with_command(image.command)
    if memory is not None:
        container = container.with_kwargs(mem_limit=memory, memswap_limit=memory)
    with ExitStack() as starting:
        starting.enter_context(container)
        address = f"{container.get_container_host_ip()}:{container.get_exposed_port(image.port)}"
        url = image.url.format(address=address)
        deadline = time.monotonic() + READY_SECONDS
        while not answers(url):
            if time.monotonic() > deadline:  # its port may not be reachable from here (TESTCONTAINERS_HOST_OVERRIDE)
                return None
            pause(0.2)
        running.enter_context(starting.pop_all())
    return url
