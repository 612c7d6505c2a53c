"""Encrypted connections to servers with certificates of a CA of the test's own: verified, and refused."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives import serialization
from sqlalchemy import make_url, text

from agentomatic_sql import InvalidURL, SQLAlchemyStore, StoreUnavailable
from tests.support import programs, servers
from tests.support.databases import chosen

OPTIONS = {
    "postgresql": ["-c", "ssl=on", "-c", "ssl_cert_file={cert}", "-c", "ssl_key_file={key}"],
    "mariadb": ["--ssl-cert={cert}", "--ssl-key={key}", "--ssl-ca={ca}"],
}
CIPHER = {
    "postgresql": "SELECT cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    "mariadb": "SELECT variable_value FROM information_schema.session_status WHERE variable_name = 'SSL_CIPHER'",
}
PASSWORD = "pa55word"
WRONG_NAME = r"certificate is not valid for '127\.0\.0\.1'"


class Encrypted:
    """A server whose certificate is for `localhost`, and where its CA's stands."""

    def __init__(self, name: str, url: str, ca: Path) -> None:
        self.name = name
        self.ca = ca
        self._url = make_url(url).set(password=PASSWORD)

    def url(self, host: str = "localhost", **query: str) -> str:
        return self._url.set(host=host, query=query).render_as_string(hide_password=False)


@pytest.fixture(scope="module", params=chosen(("postgresql", "mariadb")))
def encrypted(request: pytest.FixtureRequest) -> Iterator[Encrypted]:
    name: str = request.param
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    with ExitStack() as running:
        folder = programs.private_folder(running)
        files = {"ca": folder / "ca.pem", "cert": folder / "cert.pem", "key": folder / "key.pem"}
        authority.cert_pem.write_to_path(files["ca"])
        issued.cert_chain_pems[0].write_to_path(files["cert"])
        issued.private_key_pem.write_to_path(files["key"])
        files["key"].chmod(0o600)  # PostgreSQL takes no other
        user, group = programs.identity()
        if user is not None and group is not None:
            for path in files.values():
                os.chown(path, user, group)
        options = [option.format(**files) for option in OPTIONS[name]]
        try:
            server = running.enter_context(servers.private(name, options))
        except LookupError as error:
            pytest.skip(str(error))
        if name == "mariadb":
            asyncio.run(servers.run(server.url, f"SET PASSWORD FOR root@localhost = PASSWORD('{PASSWORD}')"))
        yield Encrypted(name, server.url, files["ca"])


async def cipher(store: SQLAlchemyStore, name: str) -> str | None:
    async with store.engine.connect() as connection:
        found: str | None = (await connection.execute(text(CIPHER[name]))).scalar()
        return found


async def test_a_server_whose_certificate_is_verified(encrypted: Encrypted) -> None:
    context = ssl.create_default_context(cafile=str(encrypted.ca))
    async with SQLAlchemyStore(encrypted.url(), connect_args={"ssl": context}) as store:
        await store.create_thread("t", "ada", "agent")
        assert (await store.add_message("t", "user", "hello"))["index"] == 0
        assert await cipher(store, encrypted.name)


async def test_a_certificate_for_another_name_is_refused(encrypted: Encrypted) -> None:
    context = ssl.create_default_context(cafile=str(encrypted.ca))
    store = SQLAlchemyStore(encrypted.url("127.0.0.1"), connect_args={"ssl": context})
    with pytest.raises(StoreUnavailable, match=WRONG_NAME) as caught:
        await store.get_thread("t")
    assert PASSWORD not in str(caught.value)
    await store.close()


async def test_a_certificate_of_an_unknown_ca_is_refused(encrypted: Encrypted) -> None:
    store = SQLAlchemyStore(encrypted.url(), connect_args={"ssl": ssl.create_default_context()})
    with pytest.raises(StoreUnavailable, match="certificate verify failed"):
        await store.get_thread("t")
    report = await store.health_check()
    assert report["status"] == "unhealthy"
    assert PASSWORD not in str(report)
    await store.close()


@pytest.mark.parametrize("encrypted", chosen(("postgresql",)), indirect=True)
async def test_libpq_tls_options_work_in_the_url(encrypted: Encrypted, monkeypatch: pytest.MonkeyPatch) -> None:
    async with SQLAlchemyStore(encrypted.url(sslmode="require")) as store:
        assert await cipher(store, "postgresql")
    async with SQLAlchemyStore(encrypted.url(sslmode="disable")) as store:
        assert await cipher(store, "postgresql") is None
    monkeypatch.setenv("PGSSLROOTCERT", str(encrypted.ca))
    async with SQLAlchemyStore(encrypted.url(sslmode="verify-full")) as store:
        assert await cipher(store, "postgresql")
    monkeypatch.delenv("PGSSLROOTCERT")
    verified = {"sslmode": "verify-full", "sslrootcert": str(encrypted.ca)}
    async with SQLAlchemyStore(encrypted.url(**verified)) as store:
        assert await cipher(store, "postgresql")
    store = SQLAlchemyStore(encrypted.url("127.0.0.1", **verified))
    with pytest.raises(StoreUnavailable, match=WRONG_NAME):
        await store.get_thread("t")
    await store.close()
    assert await servers.run(encrypted.url(**verified), "SELECT 1") == 1  # by the tests' own connections, too
    context = ssl.create_default_context(cafile=str(encrypted.ca))
    async with SQLAlchemyStore(encrypted.url(sslmode="disable"), connect_args={"ssl": context}) as store:
        assert await cipher(store, "postgresql")  # an argument is nearer than the URL


@pytest.mark.parametrize("encrypted", chosen(("postgresql",)), indirect=True)
async def test_the_systems_cas_verify_a_server(encrypted: Encrypted, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SQLAlchemyStore(encrypted.url(sslrootcert="system"))
    with pytest.raises(StoreUnavailable, match="certificate verify failed"):
        await store.get_thread("t")
    await store.close()
    monkeypatch.setenv("SSL_CERT_FILE", str(encrypted.ca))  # where OpenSSL looks for the system's
    async with SQLAlchemyStore(encrypted.url(sslrootcert="system")) as store:
        assert await cipher(store, "postgresql")
    store = SQLAlchemyStore(encrypted.url("127.0.0.1", sslrootcert="system"))
    with pytest.raises(StoreUnavailable, match=WRONG_NAME):
        await store.get_thread("t")
    await store.close()


@pytest.mark.parametrize("encrypted", chosen(("postgresql",)), indirect=True)
async def test_jdbcs_option_encrypts_as_with_libpq(encrypted: Encrypted) -> None:
    async with SQLAlchemyStore(encrypted.url(ssl="true")) as store:
        assert await cipher(store, "postgresql")


@pytest.mark.parametrize("encrypted", chosen(("mariadb",)), indirect=True)
async def test_tls_options_of_mysqls_client_work_in_the_url(
    encrypted: Encrypted, tmp_path: Path, monkeypatch: Any
) -> None:
    ca, another = str(encrypted.ca), str(tmp_path / "another.pem")
    trustme.CA().cert_pem.write_to_path(another)
    trusted: list[dict[str, str]] = [
        {"ssl-mode": "REQUIRED"},
        {"ssl": "true"},
        {"ssl-mode": "VERIFY_CA", "ssl-ca": ca},
        {"ssl_ca": ca},
        {"ssl_ca": another, "ssl_verify_cert": "false"},
        {"requireSSL": "true"},
        {"sslMode": "VERIFY_CA", "ssl-ca": ca},
    ]
    for query in trusted:  # as with MySQL's client, none of them compares the host's name
        async with SQLAlchemyStore(encrypted.url("127.0.0.1", **query)) as store:
            assert await cipher(store, "mariadb"), query
    async with SQLAlchemyStore(encrypted.url(ssl_mode="VERIFY_IDENTITY", ssl_ca=ca)) as store:
        assert await cipher(store, "mariadb")
    unasked = [{"ssl-mode": "DISABLED"}, {"ssl_verify_cert": "false"}, {"useSSL": "false"}]
    for query in unasked:
        async with SQLAlchemyStore(encrypted.url(**query)) as store:
            assert not await cipher(store, "mariadb"), query
    monkeypatch.setenv("SSL_CERT_FILE", ca)
    async with SQLAlchemyStore(encrypted.url(ssl_verify_cert="true", ssl_verify_identity="true")) as store:
        assert await cipher(store, "mariadb")
    monkeypatch.delenv("SSL_CERT_FILE")
    refused = [
        ("localhost", {"ssl_verify_cert": "true"}, "certificate verify failed"),
        ("127.0.0.1", {"ssl-mode": "VERIFY_IDENTITY", "ssl-ca": ca}, WRONG_NAME),
    ]
    for host, query, says in refused:
        store = SQLAlchemyStore(encrypted.url(host, **query))
        with pytest.raises(StoreUnavailable, match=says) as caught:
            await store.get_thread("t")
        assert PASSWORD not in str(caught.value)
        await store.close()


@pytest.mark.parametrize("encrypted", chosen(("mariadb",)), indirect=True)
async def test_an_argument_for_tls_is_nearer_than_the_url_of_mysql(encrypted: Encrypted) -> None:
    context = ssl.create_default_context(cafile=str(encrypted.ca))
    async with SQLAlchemyStore(encrypted.url(**{"ssl-mode": "DISABLED"}), connect_args={"ssl": context}) as store:
        assert await cipher(store, "mariadb")
    for name in ("/not/there.pem", "x" * 300):
        store = SQLAlchemyStore(encrypted.url(ssl_ca=name))
        with pytest.raises(InvalidURL, match=f"ssl_ca= must name a file, and {name}"):
            await store.get_thread("t")
        await store.close()


@pytest.mark.parametrize("encrypted", chosen(("postgresql",)), indirect=True)
async def test_a_clients_key_with_a_passphrase_is_read(encrypted: Encrypted, tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("client")
    key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None)
    secret = serialization.BestAvailableEncryption(b"pass phrase")
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secret)
    files = {"sslcert": tmp_path / "client.pem", "sslkey": tmp_path / "client key.pem"}
    issued.cert_chain_pems[0].write_to_path(files["sslcert"])
    files["sslkey"].write_bytes(key.private_bytes(*form))
    given = {"sslmode": "require", "sslpassword": "pass phrase", **{name: str(path) for name, path in files.items()}}
    async with SQLAlchemyStore(encrypted.url(**given)) as store:
        assert await cipher(store, "postgresql")
        assert "phrase" not in str(await store.health_check())
    store = SQLAlchemyStore(encrypted.url(**(given | {"sslpassword": "another"})))
    with pytest.raises(StoreUnavailable) as caught:
        await store.get_thread("t")
    assert "another" not in str(caught.value)
    await store.close()


@pytest.mark.parametrize("encrypted", chosen(("postgresql",)), indirect=True)
async def test_a_ca_verifies_where_encryption_is_asked_for(encrypted: Encrypted, tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "another.pem")
    another = {"sslrootcert": str(tmp_path / "another.pem")}
    store = SQLAlchemyStore(encrypted.url(sslmode="require", **another))
    with pytest.raises(StoreUnavailable, match="certificate verify failed"):
        await store.get_thread("t")
    await store.close()
    async with SQLAlchemyStore(encrypted.url(**another)) as store:
        assert await cipher(store, "postgresql")  # as libpq has it: nothing is verified where nothing was asked for


@pytest.mark.parametrize("encrypted", chosen(("postgresql",)), indirect=True)
@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"sslmode": "always"}, "require, verify-ca, verify-full"),
        ({"sslmode": "verify-full", "ssl": "disable"}, "ssl= and sslmode= mean the same: give one of them"),
        ({"sslmode": "verify-full", "sslrootcert": "/not/there.pem"}, "sslrootcert= must name a file, and /not/there"),
        ({"sslmode": "verify-full", "sslrootcert": "x" * 300}, "sslrootcert= must name a file, and xxx"),
    ],
)
async def test_contradictory_tls_options_are_refused(encrypted: Encrypted, query: dict[str, str], says: str) -> None:
    with pytest.raises(InvalidURL, match=says) as caught:
        async with SQLAlchemyStore(encrypted.url(**query)):
            pytest.fail("it was opened")
    assert PASSWORD not in str(caught.value)
