"""The TLS options of MySQL's and MariaDB's clients, as hosts put them into URLs, for aiomysql, which takes a context.

The options may be spelled with `-` or `_`. What they mean together is one of the modes of MySQL's client.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_MODES = ("DISABLED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY")
_FILES = ("ca", "capath", "cert", "key")
_FLAGS = {
    "ssl": ("DISABLED", "REQUIRED"),
    "ssl_disabled": (None, "DISABLED"),
    "ssl_verify_cert": ("REQUIRED", "VERIFY_CA"),
    "ssl_verify_identity": (None, "VERIFY_IDENTITY"),
    "ssl_check_hostname": (None, "VERIFY_IDENTITY"),
    "ssl_verify_server_cert": ("REQUIRED", "VERIFY_IDENTITY"),
}
"""Options that are on or off, and the modes that they ask for when they are off and on."""
_OFF, _ON = ("0", "false", "no", "off"), ("1", "true", "yes", "on")


def spelled(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return a URL's options with those of TLS as `ssl_mode` and the files; raises ValueError with the cure."""
    options = {name.replace("-", "_") if name.startswith("ssl") else name: value for name, value in query.items()}
    mode = options.pop("ssl_mode", None)
    asked = {_of_flag(name, options.pop(name)) for name in _FLAGS if name in options} - {None}
    if mode is not None:
        asked.add(_known(str(mode)))
    elif not asked and ("ssl_ca" in options or "ssl_capath" in options):
        asked.add("VERIFY_CA")
    elif not asked and ("ssl_cert" in options or "ssl_key" in options or "ssl_cipher" in options):
        asked.add("REQUIRED")
    if "DISABLED" in asked and len(asked) > 1:
        raise ValueError("its TLS options contradict each other: write ssl-mode= alone")
    return {**options, "ssl_mode": max(asked, key=_MODES.index)} if asked else options


def context(mode: str, files: Mapping[str, str]) -> ssl.SSLContext | None:
    """Return the context for a mode, with the files that the URL names; raises ValueError for a missing file.

    As with MySQL's client, REQUIRED verifies nothing, VERIFY_CA verifies the certificate, and VERIFY_IDENTITY the
    host's name, too. Without a file of CAs, the system's are used.
    """
    if mode == "DISABLED":
        return None
    for name in _FILES:
        if name in files and not Path(files[name]).exists():
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


def _of_flag(name: str, value: Any) -> str | None:
    word = str(value).lower()
    if word not in _OFF + _ON:
        raise ValueError(f"{name}={value}: it must be true or false; ssl-mode= takes one of {', '.join(_MODES)}")
    return _FLAGS[name][word in _ON]


def _known(mode: str) -> str:
    if mode.upper() == "PREFERRED":
        raise ValueError(
            "ssl-mode=PREFERRED: aiomysql cannot leave it to the server: write ssl-mode=REQUIRED or ssl-mode=DISABLED"
        )
    if mode.upper() not in _MODES:
        raise ValueError(f"ssl-mode={mode}: it must be one of {', '.join(_MODES)}")
    return mode.upper()
