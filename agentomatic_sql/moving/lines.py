r"""The lines of a file: how a row becomes a JSON object, and a JSON object a row. `docs/moving.md` describes them.

JSON cannot hold a lone surrogate, and joins two of them that stand side by side into one character. If a row has one,
its line says `"escaped": true`. Then each U+001A, and each surrogate, in any text of the line is U+001A and four
hexadecimal digits. This is done to the JSON text as a whole, where U+001A is always written `\u001a`.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Column, Double, Integer, LargeBinary, String, Table
from sqlalchemy.types import BigInteger

from .. import inputs, jsontext
from ..dialects.types import ExactText, Id, JsonText, UtcTime
from ..errors import InvalidInput
from ..escaping import RESERVED, Sealed, is_unicode
from ..records import iso
from .entities import BY_NAME, Entity, Row

FORMAT, VERSION = "agentomatic-sql", 1
"""The name and the version of the format, in the first line of a file."""

END = "end"
"""The entity of the last line of a file."""

LISTS = frozenset({"recommendations", "score_history", "learnings", "segments"})
"""The JSON columns with an array; all others have an object."""

_MARKED = ("entity", "sealed", "escaped")
"""The fields of a line that are no columns."""

_TO_ESCAPE = re.compile(r"\\u001a|[\ud800-\udfff]|\\.")
_ESCAPED = re.compile(r"\\u001[aA]([0-9a-fA-F]{4})|\\.")


def encode(entity: Entity, row: Row) -> bytes:
    """Return the line of a row, with its end. Raises `UnreadableValue` for JSON that is damaged in the database."""
    fields: dict[str, Any] = {"entity": entity.name}
    sealed: list[str] = []
    for name, kind in _kinds(entity.table).items():
        value = row[name]
        if type(value) is Sealed:
            sealed.append(name)
            fields[name] = str(value).strip('"')
        else:
            fields[name] = value if value is None or kind.write is None else kind.write(value)
    if sealed:
        fields["sealed"] = sealed
    return encode_object(fields)


def encode_object(fields: dict[str, Any]) -> bytes:
    """Return a JSON object as a line, with its end."""
    line = jsontext.deep(lambda: jsontext.dump(fields))
    if not is_unicode(line):
        line = _TO_ESCAPE.sub(_escape, jsontext.deep(lambda: jsontext.dump({**fields, "escaped": True})))
    return line.encode() + b"\n"


def _escape(found: re.Match[str]) -> str:
    text = found[0]
    if text == "\\u001a":
        return "\\u001a001a"
    return text if text.startswith("\\") else f"\\u001a{ord(text):04x}"


def _unescape(found: re.Match[str]) -> str:
    if found[1] is None:
        return found[0]
    code = int(found[1], 16)
    return chr(code) if 0xD800 <= code <= 0xDFFF else f"\\u{code:04x}"


def decode_object(line: bytes) -> dict[str, Any]:
    """Return the JSON object of a line; raises `InvalidInput` for any other line."""
    try:
        text = line.decode()
        value = jsontext.deep(lambda: _DECODER.decode(text))
        if isinstance(value, dict) and value.get("escaped") is True:
            raw = _ESCAPED.sub(_unescape, text)
            value = jsontext.deep(lambda: _DECODER.decode(raw))
    except UnicodeDecodeError as error:
        raise InvalidInput("$", "is not UTF-8") from error
    except RecursionError as error:
        raise InvalidInput("$", f"is nested deeper than {jsontext.MAX_DEPTH} levels") from error
    except ValueError as error:
        raise InvalidInput("$", f"is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise InvalidInput("$", "must be a JSON object")
    return value


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number in JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_number)


def decode(fields: Mapping[str, Any]) -> tuple[Entity, dict[str, Any]]:
    """Return the entity and the row of a line; raises `InvalidInput`, whose field is a JSON path."""
    entity = BY_NAME.get(str(fields.get("entity")))
    if entity is None:
        raise InvalidInput("$.entity", f"must be one of {', '.join(BY_NAME)}")
    kinds = _kinds(entity.table)
    sealed = fields.get("sealed", ())
    if not isinstance(sealed, (list, tuple)) or not all(name in kinds and kinds[name].seals for name in sealed):
        raise InvalidInput("$.sealed", "must name the fields that are encrypted")
    for name in fields:
        if name not in kinds and name not in _MARKED:
            raise InvalidInput(f"$.{name}", f"is no field of {entity.name}")
    row: dict[str, Any] = {}
    for name, kind in kinds.items():
        if name not in fields:
            raise InvalidInput(f"$.{name}", "is missing")
        value = fields[name]
        if name in sealed:
            row[name] = _sealed(name, value, in_json=kind.in_json)
        elif value is not None:
            row[name] = kind.read(f"$.{name}", value)
        elif kind.optional:
            row[name] = None
        else:
            raise InvalidInput(f"$.{name}", "must not be null")
    return entity, row


def _sealed(name: str, value: Any, *, in_json: bool) -> Sealed:
    if not isinstance(value, str) or not _CIPHERTEXT.fullmatch(value):
        raise InvalidInput(f"$.{name}", f"must be an encrypted text, which begins with {RESERVED}")
    return Sealed(f'"{value}"' if in_json else value)


_CIPHERTEXT = re.compile(RESERVED + r"[\w.:+/=-]*", re.ASCII)


class Kind(NamedTuple):
    """The form that the values of a column have in a line."""

    schema: Mapping[str, Any]
    """Its JSON Schema."""
    read: Callable[[str, Any], Any]
    """Makes the column's value of a field's, whose path it is given first; raises `InvalidInput`."""
    write: Callable[[Any], Any] | None = None
    """Makes the field's value of the column's; None if it is the same."""
    optional: bool = False
    """Whether it may be null."""
    seals: bool = False
    """Whether it may be encrypted."""
    in_json: bool = False
    """Whether it is JSON, where an encrypted text is a JSON string."""


@cache
def _kinds(table: Table) -> Mapping[str, Kind]:
    return {column.name: _kind(column)._replace(optional=bool(column.nullable)) for column in table.columns}


def _kind(column: Column[Any]) -> Kind:
    type_ = column.type
    if isinstance(type_, Id):
        return Kind({"type": "string", "maxLength": inputs.MAX_ID_LENGTH}, inputs.identifier)
    if isinstance(type_, ExactText):
        return Kind({"type": "string"}, _text, seals=True)
    if isinstance(type_, JsonText):
        wanted = "array" if column.name in LISTS else "object"
        of_type = list if column.name in LISTS else dict
        kind = Kind({"type": wanted}, lambda path, value: _json(path, value, of_type), jsontext.decode)
        return kind._replace(seals=True, in_json=True)
    if isinstance(type_, UtcTime):
        return Kind({"type": "string", "format": "date-time"}, _time, iso)
    if isinstance(type_, LargeBinary):
        schema = {"type": "string", "contentEncoding": "base64"}
        return Kind(schema, _bytes, lambda data: base64.b64encode(data).decode())
    if isinstance(type_, Double):
        return Kind({"type": "number"}, _number)
    if isinstance(type_, String):
        return Kind({"type": "string", "pattern": f"^[0-9a-f]{{0,{type_.length}}}$"}, _digest)
    assert isinstance(type_, Integer), column
    bits = 63 if isinstance(type_, BigInteger) else 31
    return Kind(
        {"type": "integer", "minimum": -(1 << bits), "maximum": (1 << bits) - 1},
        lambda path, value: _integer(path, value, bits),
    )


def _text(path: str, value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidInput(path, "must be a string")
    return value


def _json(path: str, value: Any, of_type: type) -> str:
    if not isinstance(value, of_type):
        raise InvalidInput(path, f"must be {'an array' if of_type is list else 'an object'}")
    return jsontext.encode(path, value)


def _time(path: str, value: Any) -> datetime:
    try:
        at = datetime.fromisoformat(_text(path, value))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise InvalidInput(path, "must be a time in ISO 8601 with its offset, such as 2026-01-31T09:30:00.000000+00:00")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise InvalidInput(path, "is a time beyond the years 1 to 9999") from None


def _bytes(path: str, value: Any) -> bytes:
    try:
        return base64.b64decode(_text(path, value), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput(path, "must be base64") from None


def _number(path: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidInput(path, "must be a number")
    return float(value)


def _digest(path: str, value: Any) -> str:
    if not re.fullmatch("[0-9a-f]{0,32}", _text(path, value)):
        raise InvalidInput(path, "must be a digest: up to 32 hexadecimal digits")
    return str(value)


def _integer(path: str, value: Any, bits: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value.bit_length() > bits:
        raise InvalidInput(path, f"must be an integer of at most {bits + 1} bits")
    return value


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a line."""
    header = {
        "title": "The first line",
        "type": "object",
        "properties": {
            "format": {"const": FORMAT},
            "version": {"const": VERSION},
            "exported_at": {"type": "string", "format": "date-time"},
            "keys": {"type": "object", "additionalProperties": {"type": "string"}},
        },
        "required": ["format", "version", "keys"],
    }
    end = {
        "title": "The last line",
        "type": "object",
        "properties": {"entity": {"const": END}, "rows": {"type": "integer", "minimum": 0}},
        "required": ["entity", "rows"],
        "additionalProperties": False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A line of a file of {FORMAT}, version {VERSION}",
        "oneOf": [header, *map(_schema_of, BY_NAME.values()), end],
    }


def _schema_of(entity: Entity) -> dict[str, Any]:
    kinds = _kinds(entity.table)
    sealing = [name for name, kind in kinds.items() if kind.seals]
    properties: dict[str, Any] = {"entity": {"const": entity.name}}
    for name, kind in kinds.items():
        types = [kind.schema["type"], *(["string"] if kind.in_json else []), *(["null"] if kind.optional else [])]
        properties[name] = {**kind.schema, "type": types if len(types) > 1 else types[0]}
    properties["sealed"] = {"type": "array", "items": {"enum": sealing}}
    properties["escaped"] = {"const": True}
    return {
        "title": entity.name,
        "type": "object",
        "properties": properties if sealing else {name: properties[name] for name in properties if name != "sealed"},
        "required": ["entity", *kinds],
        "additionalProperties": False,
    }
