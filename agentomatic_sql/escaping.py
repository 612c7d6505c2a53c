"""Text that any database can store, and that comes back as it was.

PostgreSQL refuses U+0000 and no driver can encode a lone surrogate. Each of them, and U+001A which marks them, is
kept as U+001A and four hex digits; any other text is kept as it is.
"""

from __future__ import annotations

import re

MARK = "\x1a"  # SUBSTITUTE: in no text that people write, allowed in every database, and never bare in JSON
_UNSTORABLE = re.compile("[\x00\x1a\ud800-\udfff]")
_ESCAPED = re.compile("\x1a([0-9a-f]{4})")


RESERVED = "agms1:"
"""What an encrypted text begins with; any other that does is stored with its first letter as U+001A and digits."""
_OTHERWISE = f"{MARK}{ord(RESERVED[0]):04x}"


class Sealed(str):
    """A text that is encrypted, on its way into the database."""

    __slots__ = ()


class Plain(str):
    """A text out of the database that begins as an encrypted one does, and is none."""

    __slots__ = ()


def guard(text: str) -> str:
    """A text, already escaped, that cannot be taken for an encrypted one."""
    return _OTHERWISE + text[1:] if text.startswith(RESERVED) and type(text) is not Sealed else text


def escape(text: str) -> str:
    """`text` with what cannot be stored as U+001A and four hex digits."""
    if "\x00" not in text and MARK not in text and (text.isascii() or is_unicode(text)):
        return text
    return _UNSTORABLE.sub(lambda found: f"{MARK}{ord(found[0]):04x}", text)


def unescape(text: str) -> str:
    """The text that `escape` was given."""
    if MARK not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def is_unicode(text: str) -> bool:
    """Whether there is no lone surrogate in it."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def to_database(text: str | None) -> str | None:
    """Return a text as it is stored: escaped, and not to be mistaken for an encrypted one."""
    return None if text is None else guard(escape(text))


def from_database(stored: str | None) -> str | None:
    """Return the text that `to_database` was given."""
    if stored is None or MARK not in stored:
        return stored
    text = unescape(stored)
    return Plain(text) if text.startswith(RESERVED) else text
