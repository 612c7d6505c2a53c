"""Encrypt fields with AES-256-GCM and named keys. Needs the extra `encryption`.

An encrypted ("sealed") text is `agms1:<key id>:<base64 of nonce, ciphertext and tag>`. Databases hold texts in this
format, so it must stay readable.
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

_KEY = 32  # bytes: AES-256
_NONCE = 12  # bytes, random for each text: safe for 2^32 texts per key (NIST SP 800-38D, 8.2.2 and 8.3)
_AFTER_MARK = len(RESERVED)
_ID = re.compile(r"[A-Za-z0-9._-]{1,32}")  # shorter than a key: a key passed as an id is refused, not stored


class Encryption:
    """Encrypt with the first of several keys, and decrypt with any of them.

    Args:
        keys: The keys by their ids. A key is 32 random bytes or their base64 (see `new_key`). An id has 1 to 32 of the
            characters A-Z a-z 0-9 . _ - and is stored with each encrypted text; never use it again for another key.
        strict: Refuse to read a value that is not encrypted. Pass False until `agentomatic-sql rekey` has encrypted all
            existing data; unencrypted values are then read as they are.

    Raises:
        InvalidInput: A key or an id is not valid. The message never shows a key.
    """

    def __init__(self, keys: Mapping[str, bytes | str], *, strict: bool = True) -> None:
        if not isinstance(keys, Mapping) or not keys:
            raise InvalidInput("keys", "must be a dict from ids to keys, with at least one key")
        self._ciphers = {_checked_id(id_): AESGCM(_key(id_, key)) for id_, key in keys.items()}
        self.strict = strict
        self.primary = next(iter(self._ciphers))
        """The id of the first key, which encrypts."""

    @classmethod
    def from_text(cls, text: str, *, strict: bool = True) -> Encryption:
        """Read keys from a text, such as an environment variable: `id:base64` pairs separated by spaces.

        Args:
            text: The pairs. The first key encrypts.
            strict: As for `Encryption`.

        Returns:
            An `Encryption` with these keys.

        Raises:
            InvalidInput: A pair is not written `id:base64`, or two have the same id.
        """
        keys: dict[str, bytes | str] = {}
        for part in text.split():
            id_, colon, key = part.partition(":")
            if not colon:
                raise InvalidInput("keys", f"key number {len(keys) + 1} must be written id:base64")
            if _checked_id(id_) in keys:
                raise InvalidInput("keys", f"two keys have the id {id_!r}: give each its own")
            keys[id_] = key
        return cls(keys, strict=strict)

    @staticmethod
    def new_key() -> str:
        """Return a new random key as base64."""
        return base64.b64encode(os.urandom(_KEY)).decode()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all keys; the first is that of the key that encrypts."""
        return tuple(self._ciphers)

    def __repr__(self) -> str:
        return f"<Encryption with {self.primary!r} of {', '.join(map(repr, self.ids))}>"

    def reading_all(self) -> Encryption:
        """Return an `Encryption` with the same keys that is not strict: it also reads values that are not encrypted."""
        reading = copy.copy(self)
        reading.strict = False
        return reading

    @property
    def prefix(self) -> str:
        """The prefix of the texts that are encrypted with the primary key."""
        return f"{RESERVED}{self.primary}:"

    def seal(self, text: str, identity: bytes) -> Sealed:
        """Encrypt a text and bind it to `identity`, which names its row and column; `open` needs the same identity."""
        sealed = self._encrypt(text.encode("utf-8", "surrogatepass"), identity)
        return Sealed(self.prefix + binascii.b2a_base64(sealed, newline=False).decode())

    def open(self, sealed: str, identity: bytes) -> str:
        """Decrypt a text that `seal` returned for the same `identity`.

        Raises:
            Undecipherable: The text is not encrypted (only if `strict`), was modified or copied from another row, or
                its key is missing.
        """
        if not sealed.startswith(RESERVED) or type(sealed) is Plain:
            if self.strict:
                raise Undecipherable(
                    "the value is not encrypted: encrypt it with agentomatic-sql rekey, or read it with "
                    "Encryption(…, strict=False)"
                )
            return str(sealed)
        id_, colon, encoded = sealed[_AFTER_MARK:].partition(":")
        cipher = self._ciphers.get(id_)
        if cipher is None:
            if not colon or not _ID.fullmatch(id_):  # it may be somebody's words
                raise Undecipherable("the encrypted text is damaged: it names no key")
            raise _missing(id_)
        try:
            data = binascii.a2b_base64(encoded, strict_mode=True)
            return cipher.decrypt(data[:_NONCE], data[_NONCE:], identity).decode("utf-8", "surrogatepass")
        except binascii.Error as error:
            raise Undecipherable("the encrypted text is damaged: it is not base64") from error
        except (InvalidTag, ValueError) as error:
            raise _changed(id_) from error

    def seal_bytes(self, data: bytes, identity: bytes) -> tuple[str, bytes]:
        """Encrypt a row of a graph, bound to `identity`; returns a name that contains the key's id, and the
        ciphertext."""
        return RESERVED + self.primary, self._encrypt(data, identity)

    def open_bytes(self, name: str, ciphertext: bytes, identity: bytes) -> bytes:
        """Decrypt a row that `seal_bytes` returned for the same `identity`; raises `Undecipherable`."""
        id_ = name.removeprefix(RESERVED)
        cipher = self._ciphers.get(id_)
        if cipher is None:
            raise _missing(id_)
        try:
            return cipher.decrypt(ciphertext[:_NONCE], ciphertext[_NONCE:], identity)
        except (InvalidTag, ValueError) as error:
            raise _changed(id_) from error

    def _encrypt(self, data: bytes, identity: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._ciphers[self.primary].encrypt(nonce, data, identity)


def _missing(id_: str) -> Undecipherable:
    return Undecipherable(f"its key {id_!r} is missing from Encryption(…)")


def _changed(id_: str) -> Undecipherable:
    """Return the error for a ciphertext that does not fit, or (a ValueError) is shorter than a nonce."""
    return Undecipherable(
        f"the row was modified, the ciphertext was copied from another row, or {id_!r} is not the key that encrypted it"
    )


def _checked_id(id_: str) -> str:
    if not isinstance(id_, str) or not _ID.fullmatch(id_):
        raise InvalidInput("keys", "an id must have 1 to 32 of the characters A-Z a-z 0-9 . _ -")
    return id_


def _key(id_: str, key: bytes | str) -> bytes:
    try:
        data = base64.b64decode(key, validate=True) if isinstance(key, str) else key
    except (binascii.Error, ValueError):
        raise InvalidInput("keys", f"key {id_!r} is not base64") from None  # the cause could show a part of the key
    if not isinstance(data, bytes):
        raise InvalidInput("keys", f"key {id_!r} must be bytes or base64, not {type(key).__name__}")
    if len(data) != _KEY:
        raise InvalidInput("keys", f"key {id_!r} has {len(data)} bytes, but needs {_KEY}")
    return data
