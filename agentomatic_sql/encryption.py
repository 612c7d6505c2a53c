"""Field encryption: AES-256-GCM, by keys that have names. Needs the extra `encryption`.

A sealed text is `agms1:<key id>:<base64 of nonce, ciphertext and tag>`. That is the format of what is stored: it can be
added to, never changed.
"""

from __future__ import annotations

import base64
import binascii
import copy
import os
import re
from collections.abc import Mapping

from .errors import InvalidInput, MissingExtra, Undecipherable
from .escaping import RESERVED, Plain, Sealed

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
except ImportError as error:
    raise MissingExtra("cryptography", "encryption") from error

KEYS_VARIABLE = "AGENTOMATIC_SQL_KEYS"
_KEY = 32  # bytes: AES-256
_NONCE = 12  # bytes, at random for each text (NIST SP 800-38D, 8.2.2): good for 2^32 texts a key
_ID = re.compile(r"[A-Za-z0-9._-]{1,32}")  # shorter than a key: one that stands in its place is not shown
_ROW = b"row of a graph"


class Encryption:
    """Keys, by their ids; the first one encrypts, all of them decrypt.

    A key is 32 bytes at random, or their base64 (`Encryption.new_key()`). An id is 1 to 32 of the characters A-Z, a-z,
    0-9, ".", "_" and "-"; it is stored with what the key encrypts, and never used for another key. With `strict`, what
    is not encrypted is refused; without, it is read as it is, for the time until `agentomatic-sql rekey` has encrypted
    it. Raises `InvalidInput`, which never shows a key.
    """

    def __init__(self, keys: Mapping[str, bytes | str], *, strict: bool = True) -> None:
        if not isinstance(keys, Mapping) or not keys:
            raise InvalidInput("keys", "must be a dict of one key or more, by their ids")
        self._ciphers = {_checked_id(id_): AESGCM(_key(id_, key)) for id_, key in keys.items()}
        self.strict = strict
        self.primary = next(iter(self._ciphers))
        """The id of the key that encrypts."""

    @classmethod
    def from_text(cls, text: str, *, strict: bool = True) -> Encryption:
        """Keys as an environment variable holds them: `id:base64`, apart by blanks, the one that encrypts first."""
        keys: dict[str, bytes | str] = {}
        for part in text.split():
            id_, colon, key = part.partition(":")
            if not colon:
                raise InvalidInput("keys", f"number {len(keys) + 1} is not written id:base64")
            if _checked_id(id_) in keys:
                raise InvalidInput("keys", f"two of them have the id {id_!r}")
            keys[id_] = key
        return cls(keys, strict=strict)

    @staticmethod
    def new_key() -> str:
        """A new key at random, as base64."""
        return base64.b64encode(os.urandom(_KEY)).decode()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all keys, that of the one that encrypts first."""
        return tuple(self._ciphers)

    def __repr__(self) -> str:
        return f"<Encryption by {self.primary!r} of {', '.join(map(repr, self.ids))}>"

    def reading_all(self) -> Encryption:
        """The same keys, that read what is not encrypted, too."""
        reading = copy.copy(self)
        reading.strict = False
        return reading

    @property
    def prefix(self) -> str:
        """What a text begins with that the primary key has sealed."""
        return f"{RESERVED}{self.primary}:"

    def seal(self, text: str, identity: bytes) -> Sealed:
        """A text encrypted for one place, which `identity` names; it opens nowhere else."""
        sealed = self._encrypt(text.encode("utf-8", "surrogatepass"), identity)
        return Sealed(self.prefix + base64.b64encode(sealed).decode())

    def open(self, sealed: str, identity: bytes) -> str:
        """The text that was sealed for this place; raises `Undecipherable`."""
        if not sealed.startswith(RESERVED) or type(sealed) is Plain:
            if self.strict:
                raise Undecipherable(
                    "it is not encrypted (agentomatic-sql rekey encrypts it, Encryption(…, strict=False) reads it)"
                )
            return str(sealed)
        id_, _colon, encoded = sealed[len(RESERVED) :].partition(":")
        try:
            data = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Undecipherable("it is no text that was encrypted") from error
        return self._decrypt(id_, data, identity).decode("utf-8", "surrogatepass")

    # LangGraph's interface of a cipher: rows of a graph, which are copied from thread to thread on the server.

    def encrypt(self, plaintext: bytes) -> tuple[str, bytes]:
        """A row of a graph encrypted, and what names the key."""
        return RESERVED + self.primary, self._encrypt(plaintext, _ROW)

    def decrypt(self, ciphername: str, ciphertext: bytes) -> bytes:
        """What `encrypt` was given; raises `Undecipherable`."""
        return self._decrypt(ciphername.removeprefix(RESERVED), ciphertext, _ROW)

    def _encrypt(self, data: bytes, identity: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._ciphers[self.primary].encrypt(nonce, data, identity)

    def _decrypt(self, id_: str, data: bytes, identity: bytes) -> bytes:
        cipher = self._ciphers.get(id_)
        if cipher is None:
            raise Undecipherable(f"its key {id_!r} was not given")
        try:
            return cipher.decrypt(data[:_NONCE], data[_NONCE:], identity)
        except (InvalidTag, ValueError) as error:  # ValueError: shorter than a nonce
            raise Undecipherable(
                f"it was changed, or moved from another place, or {id_!r} is another key than it was"
            ) from error


def _checked_id(id_: str) -> str:
    if not isinstance(id_, str) or not _ID.fullmatch(id_):
        raise InvalidInput("keys", "one has no id, which is 1 to 32 of the characters A-Z a-z 0-9 . _ -")
    return id_


def _key(id_: str, key: bytes | str) -> bytes:
    try:
        data = base64.b64decode(key, validate=True) if isinstance(key, str) else key
    except (binascii.Error, ValueError):
        raise InvalidInput("keys", f"{id_!r} is not base64") from None  # the cause would show a part of the key
    if not isinstance(data, bytes):
        raise InvalidInput("keys", f"{id_!r} must be bytes or base64, not {type(key).__name__}")
    if len(data) != _KEY:
        raise InvalidInput("keys", f"{id_!r} has {len(data)} bytes, not {_KEY}")
    return data
