"""The TLS options of MySQL's and MariaDB's clients, as hosts put them into URLs, for aiomysql, which takes a context.

The options may be spelled with `-` or `_`. What they mean together is one of the modes of MySQL's client. Options of
Connector/J are among them.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from typing import Any

from .options import OFF, ON

_PREFERRED = "PREFERRED"
_ORDER = ("DISABLED", _PREFERRED, "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY")
_MODES = tuple(mode for mode in _ORDER if mode != _PREFERRED)
_FILES = ("ca", "capath", "cert", "key")
_FLAGS = {
    "ssl": ("DISABLED", "REQUIRED"),
    "ssl_disabled": (None, "DISABLED"),
    "ssl_verify_cert": (None, "VERIFY_CA"),
    "ssl_verify_identity": (None, "VERIFY_IDENTITY"),
    "ssl_check_hostname": (None, "VERIFY_IDENTITY"),
    "ssl_verify_server_cert": (None, "VERIFY_IDENTITY"),
    "useSSL": ("DISABLED", _PREFERRED),
    "requireSSL": (None, "REQUIRED"),
    "verifyServerCertificate": (None, "VERIFY_CA"),
}
"""Options that are on or off, and the modes that they ask for when they are off and on."""
_VERIFYING = ("ssl_verify_cert", "ssl_verify_server_cert")
"""Flags that, when they are off, take back what a file of CAs asks for. By themselves they do not ask for TLS then."""
_CAS = frozenset({"ssl_ca", "ssl_capath"})
_IMPLYING = _CAS | {"ssl_cert", "ssl_key", "ssl_cipher"}
"""Options that ask for TLS if no flag and no mode does."""
_NAMES = {"sslMode": "ssl_mode", "sslmode": "ssl_mode"}


def spelled(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return a URL's options with those of TLS as `ssl_mode` and the files; raises ValueError with the cure."""
    options = {_NAMES.get(name, _underlined(name)): value for name, value in query.items()}
    flags = {name: options.pop(name) for name in _FLAGS if name in options}
    asked = {_of_flag(name, value): f"{name}={value}" for name, value in flags.items()}
    asked.pop(None, None)
    if "ssl_mode" in options:
        value = options.pop("ssl_mode")
        asked[_known(value)] = f"ssl-mode={value}"
    files = {name for name in options if name in _IMPLYING}
    if not asked and files:
        unverified = any(flags.get(name, "on").lower() in OFF for name in _VERIFYING)
        asked["VERIFY_CA" if not unverified and files & _CAS else "REQUIRED"] = "ssl-ca="
    if "DISABLED" in asked and len(asked) > 1:
        raise ValueError("its TLS options contradict each other: write ssl-mode= alone")
    if not asked:
        return options
    mode = max(asked, key=lambda one: _ORDER.index(str(one)))
    if mode == _PREFERRED:
        cure = "aiomysql cannot leave it to the server: write ssl-mode=REQUIRED or ssl-mode=DISABLED"
        raise ValueError(f"{asked[mode]}: {cure}")
    return {**options, "ssl_mode": mode}


def context(mode: str, files: Mapping[str, str]) -> ssl.SSLContext | None:
    """Return the context for a mode, with the files that the URL names; raises ValueError for a missing file.

    As with MySQL's client, REQUIRED verifies nothing, VERIFY_CA verifies the certificate, and VERIFY_IDENTITY the
    host's name, too. Without a file of CAs, the system's are used.
    """
    if mode == "DISABLED":
        return None
    for name in _FILES:
        if name in files and not os.access(files[name], os.F_OK):
            raise ValueError(f"ssl_{name}= must name a file, and {files[name]} does not exist")
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = mode == "VERIFY_IDENTITY"
    made.verify_mode = ssl.CERT_NONE if mode == "REQUIRED" else ssl.CERT_REQUIRED
    if "ca" in files or "capath" in files:
        made.load_verify_locations(files.get("ca"), files.get("capath"))
    else:
        made.load_default_certs()
    if "cert" in files:
        made.load_cert_chain(files["cert"], files.get("key"))
    if "cipher" in files:
        made.set_ciphers(files["cipher"])
    return made


def translate(options: dict[str, Any]) -> None:
    """Replace the TLS options of a URL by a context, unless the caller has given one, which is nearer."""
    mode = options.pop("ssl_mode", None)
    given = options.get("ssl")
    if mode is not None and not isinstance(given, ssl.SSLContext):
        options["ssl"] = context(mode, given or {})


def _underlined(name: str) -> str:
    return name.replace("-", "_") if name.startswith("ssl") else name


def _of_flag(name: str, value: str) -> str | None:
    word = value.lower()
    if word not in OFF + ON:
        raise ValueError(f"{name}={value}: it must be true or false; ssl-mode= takes one of {', '.join(_MODES)}")
    return _FLAGS[name][word in ON]


def _known(mode: str) -> str:
    if mode.upper() not in _ORDER:
        raise ValueError(f"ssl-mode={mode}: it must be one of {', '.join(_MODES)}")
    return mode.upper()
