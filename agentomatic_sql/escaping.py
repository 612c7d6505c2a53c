"""Escape text so that every database can store it and return it unchanged.

PostgreSQL refuses U+0000, and no driver can encode a lone surrogate. Each of these characters, and the escape
character U+001A itself, is stored as U+001A and four hex digits. All other text is stored as it is.

The same escape keeps plain and encrypted text apart. An encrypted ("sealed") text begins with `RESERVED`; a plain text
that begins so is stored with its first letter escaped.
"""

from __future__ import annotations

import re

MARK = "\x1a"  # SUBSTITUTE: people do not type it, every database stores it, and JSON always escapes it
_UNSTORABLE = re.compile("[\x00\x1a\ud800-\udfff]")
_ESCAPED = re.compile("\x1a([0-9a-f]{4})")


RESERVED = "agms1:"
"""The prefix of every encrypted text."""
_ESCAPED_FIRST_LETTER = f"{MARK}{ord(RESERVED[0]):04x}"


class Sealed(str):
    """An encrypted text that is about to be stored."""

    __slots__ = ()


class Plain(str):
    """A text read from the database that begins with `RESERVED` but is not encrypted."""

    __slots__ = ()


def guard(text: str) -> str:
    """Escape the first letter of an escaped text that begins with `RESERVED`, unless it is `Sealed`."""
    return _ESCAPED_FIRST_LETTER + text[1:] if text.startswith(RESERVED) and type(text) is not Sealed else text


def escape(text: str) -> str:
    """Return the text with each character that some database cannot store as U+001A and four hex digits."""
    if "\x00" not in text and MARK not in text and (text.isascii() or is_unicode(text)):
        return text
    return _UNSTORABLE.sub(lambda match: f"{MARK}{ord(match[0]):04x}", text)


def unescape(text: str) -> str:
    """Return the original of a text that `escape` returned."""
    if MARK not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def is_unicode(text: str) -> bool:
    """Return whether the text has no lone surrogate."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def to_database(text: str | None) -> str | None:
    """Return a text as it is stored: escaped and guarded. None stays None."""
    return None if text is None else guard(escape(text))


def from_database(stored: str | None) -> str | None:
    """Return the original of a stored text; `Plain` if it begins with `RESERVED` and is not encrypted."""
    if stored is None or MARK not in stored:
        return stored
    text = unescape(stored)
    return Plain(text) if text.startswith(RESERVED) else text
