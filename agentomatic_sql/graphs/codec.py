"""Values of a graph to bytes and back: LangGraph's serializer, text that it refuses, compression, encryption.

Needs the extra `langgraph`. The first byte of sealed bytes says what was done to them; it and the words below are the
format of what is stored: they can be added to, never changed.
"""

from __future__ import annotations

import copy
import dataclasses
import pathlib
import re
import threading
from collections import deque
from collections.abc import Callable, Mapping
from enum import Enum
from types import FunctionType
from typing import TYPE_CHECKING, Any

import ormsgpack
import zstandard
from langgraph.checkpoint.serde import jsonplus
from langgraph.checkpoint.serde.base import CipherProtocol, SerializerProtocol
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from langgraph.store.base import Item

from ..escaping import escape, is_unicode, unescape

if TYPE_CHECKING:
    from ..encryption import Encryption

PLAIN, COMPRESSED, ENCRYPTED = b"\x00", b"\x01", b"\x02"
MSGPACK = "msgpack"
"""The format of LangGraph's serializer."""
_ESCAPED = "~"  # in front of a format: every text in the value went through exact.escape
PACKED = frozenset({MSGPACK, _ESCAPED + MSGPACK})
"""The formats whose bytes are msgpack; what another serializer calls its own is not looked into."""
_PATTERN = "\x1are"  # the key of an escaped regular expression; a key of a user's would be escaped itself
_PAYS = 64  # bytes; what is shorter is not compressed

# What states are full of; compression starts as if it had read it just before.
_WORDS = (
    b"langchain_core.messages.function\x92FunctionMessage\x94langchain_core.messages.system\xadSystemMessage"
    b"langchain_core.messages.tool\xabToolMessage\xb1model_validate_json\xabtool_call_id\xa6status\xa7success\xa8artifact"
    b"branch:to:agent branch:to:tools __pregel_tasks __pregel_push __interrupt__ __resume__ __error__ __scheduled__ "
    b"counters_since_delta_snapshot\xa6thread\xa7user_id\xaaassistant_id\xa8graph_id\xa6run_id\xa6source\xa4loop\xa5input"
    b"\xa6update\xa4fork\xa4step\xa7parents\x80\xa1v\x04\xa2ts\xd9 2026-01-01T00:00:00.000000+00:00"
    b"\xa2id\xd9$1f000000-0000-6000-"
    b"\xb0channel_versions\xa9__start__\xd9300000000000000000000000000000001.0.\xadversions_seen\xa9__input__\x80"
    b"\xb0updated_channels\xadpending_sends\x90\xa5tools\xa5agent\xa8messages"
    b"langchain_core.messages.ai\xa9AIMessage\xaainvalid_tool_calls\x90\xaetool_calls\x91\xa4name\xa4args\xa2id\xa9call_"
    b"\xa4type\xa9tool_call\xaeusage_metadata\xacinput_tokens\xadoutput_tokens\xactotal_tokens\xb3input_token_details"
    b"\xaacache_read\xb4output_token_details\xa9reasoning\xb1response_metadata\xaamodel_name\xadfinish_reason\xa4stop"
    b"\xb1model_validate_json\xc7\x05\x94\xd9\x1dlangchain_core.messages.human\xacHumanMessage\x86\xa7content"
    b"\xb1additional_kwargs\x80\xb1response_metadata\x80\xa4type\xa5human\xa4name\xc0\xa2id\xd9$00000000-0000-4000-8000-"
    b"\xb1model_validate_json"
)
_DICTIONARY = zstandard.ZstdCompressionDict(_WORDS, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


class NotEncrypted(ValueError):
    """A row without encryption, where a serializer that encrypts reads strictly."""

    def __init__(self) -> None:
        super().__init__("the row is not encrypted: SQLAlchemySaver(strict=False) reads it all the same")


class Codec:
    """A serializer of LangGraph's, seen from the storage: `dumps`, `loads`, and `seal`, `open` for whole rows.

    An `EncryptedSerializer` is taken apart: its serializer makes the bytes, which are packed as any others are, and its
    cipher encrypts each row as a whole, so that nothing of a user's stands outside. With `strict`, a row that is not
    encrypted is refused (`NotEncrypted`). Every call may raise what the serializer or the cipher raises.
    """

    def __init__(self, serde: SerializerProtocol, *, strict: bool) -> None:
        self._cipher: CipherProtocol | None = None
        if isinstance(serde, EncryptedSerializer):
            self._cipher, serde = serde.cipher, serde.serde
        self._serde = serde
        ours = getattr(serde.dumps_typed, "__func__", None) is jsonplus.JsonPlusSerializer.dumps_typed
        self._strictly = _pack_strictly if ours else None
        self._strict = strict and self._cipher is not None

    def dumps(self, value: Any) -> tuple[str, bytes]:
        """The format and bytes of a value."""
        if self._strictly is not None and not isinstance(value, _NOT_PACKED):
            try:
                return MSGPACK, self._strictly(value)
            except ormsgpack.MsgpackEncodeError:  # a lone surrogate, or what is not msgpack's
                pass
        try:
            format_, data = self._serde.dumps_typed(value)
        except (ormsgpack.MsgpackEncodeError, UnicodeEncodeError):  # it refuses them in keys
            if not _has_surrogates(value):
                raise
        else:
            if not self._has_lost(value, format_, data):
                return format_, data
        format_, data = self._serde.dumps_typed(_each_text(value, escape))
        return _ESCAPED + format_, data

    def _has_lost(self, value: Any, format_: str, data: bytes) -> bool:
        """Whether a lone surrogate of the value has become a question mark."""
        if self._strictly is not None:  # it was refused just now
            return format_ == MSGPACK
        return b"?" in data and _has_surrogates(value)

    def loads(self, format_: str, data: bytes) -> Any:
        """The value of which `dumps` made this."""
        if not format_.startswith(_ESCAPED):
            return self._serde.loads_typed((format_, data))
        return _each_text(self._serde.loads_typed((format_[len(_ESCAPED) :], data)), unescape)

    def seal(self, data: bytes | memoryview) -> bytes:
        """A row's bytes: compressed where that makes them shorter, and encrypted."""
        sealed = PLAIN + data
        if len(data) >= _PAYS:
            sealed = min(sealed, COMPRESSED + _tools.compress(data), key=len)
        if self._cipher is None:
            return sealed
        name, ciphertext = self._cipher.encrypt(sealed)
        return ENCRYPTED + ormsgpack.packb((name, ciphertext))

    def open(self, sealed: bytes) -> bytes:
        """What was sealed."""
        kind, data = sealed[:1], sealed[1:]
        if kind == ENCRYPTED:
            if self._cipher is None:
                raise ValueError("the row is encrypted: give the EncryptedSerializer that wrote it as serde=")
            name, ciphertext = ormsgpack.unpackb(data)
            sealed = self._cipher.decrypt(name, ciphertext)
            kind, data = sealed[:1], sealed[1:]
        elif self._strict:
            raise NotEncrypted
        if kind == COMPRESSED:
            return _tools.decompress(data)
        if kind != PLAIN:
            raise ValueError(f"the row begins with {kind!r}, which this version does not know")
        return data


def codec(serde: SerializerProtocol, encryption: Encryption | None, *, strict: bool) -> Codec:
    """The codec of a serializer on a database that is encrypted by these keys, unless the serializer has its own."""
    if encryption is None or isinstance(serde, EncryptedSerializer):
        return Codec(serde, strict=strict)
    return Codec(EncryptedSerializer(encryption, serde), strict=strict and encryption.strict)


class _Tools(threading.local):
    """zstandard's compressor and decompressor, which serve one thread at a time."""

    def __init__(self) -> None:
        small = zstandard.ZstdCompressionParameters.from_level(1, source_size=1024, write_dict_id=False)
        self.compress: Callable[[bytes | memoryview], bytes] = zstandard.ZstdCompressor(
            dict_data=_DICTIONARY, compression_params=small
        ).compress
        self.decompress: Callable[[bytes], bytes] = zstandard.ZstdDecompressor(dict_data=_DICTIONARY).decompress


_tools = _Tools()


def _strict_pack() -> Callable[[Any], bytes] | None:
    """The packing of LangGraph's serializer, but that it refuses lone surrogates instead of replacing them.

    So nothing has to be looked through for what was lost, and no object is taken for one without texts. The option is a
    constant of that module, which its functions name: here they are the same functions with another one. None where a
    version of it does this in another way; then values are looked through.
    """
    names = dict(vars(jsonplus))
    if not {"_option", "_msgpack_enc", "_msgpack_default"} <= names.keys():
        return None
    names["_option"] &= ~ormsgpack.OPT_REPLACE_SURROGATES
    for name in ("_msgpack_enc", "_msgpack_default"):
        names[name] = FunctionType(names[name].__code__, names)
    pack: Callable[[Any], bytes] = names["_msgpack_enc"]
    try:
        pack({"\ud800"})  # a set is an object to it: both functions are asked
    except ormsgpack.MsgpackEncodeError:
        return pack
    return None


_pack_strictly = _strict_pack()
_NOT_PACKED = (type(None), bytes, bytearray)  # formats of their own, in which nothing is lost
_TEXTLESS = frozenset({type(None), bool, int, float, bytes})


def _has_surrogates(value: Any) -> bool:
    """Whether a text with lone surrogates is anywhere in a value; nothing of it is made."""
    kind = type(value)
    if kind in _TEXTLESS:  # most of what there is, and what follows asks slowly
        return False
    if isinstance(value, str):
        return not (value.isascii() or is_unicode(value))
    if kind is dict:
        return any(map(_has_surrogates, value)) or any(map(_has_surrogates, value.values()))
    if isinstance(value, Mapping):
        return any(_has_surrogates(key) or _has_surrogates(item) for key, item in value.items())
    if isinstance(value, (list, tuple, set, frozenset, deque)):
        return any(map(_has_surrogates, value))
    if isinstance(value, re.Pattern):
        return _has_surrogates(value.pattern)
    if isinstance(value, Enum):
        return _has_surrogates(value.value)
    return any(map(_has_surrogates, _parts(value).values() or _arguments(value)))


def _arguments(value: Any) -> tuple[Any, ...]:
    """What an object that is made of its arguments again was made of: a path, or a text that is secret."""
    if isinstance(value, pathlib.Path):
        return value.parts
    if hasattr(value, "get_secret_value") and not isinstance(value, type):
        return (value.get_secret_value(),)
    return ()


def _parts(value: Any) -> dict[str, Any]:
    """The attributes of a dataclass, of a pydantic model with its extra ones, of a LangGraph Send or Item."""
    if isinstance(value, type):
        return {}
    if hasattr(value, "model_dump") or hasattr(value, "__fields_set__"):  # which models of pydantic 1 have
        extra = getattr(value, "__pydantic_extra__", None)
        return {**value.__dict__, **extra} if extra else value.__dict__
    if dataclasses.is_dataclass(value):
        names: Any = [field.name for field in dataclasses.fields(value) if hasattr(value, field.name)]
    elif isinstance(value, Item):
        names = Item.__slots__
    else:
        names = ("node", "arg") if type(value).__name__ == "Send" else ()
    return {name: getattr(value, name) for name in names}


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    """The value with each text in it changed; objects are copied, so that no constructor of anyone's is called."""
    if isinstance(value, (Enum, re.Pattern)):
        return _plain(value, change) if _has_surrogates(value) else value
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        pairs = {_each_text(key, change): _each_text(item, change) for key, item in value.items()}
        if _PATTERN in value and change is unescape:
            return re.compile(*pairs[_PATTERN])
        return pairs if type(value) is dict else _refilled(value, pairs, "update")
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(_each_text(item, change) for item in value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_each_text(item, change) for item in value))
    if isinstance(value, (list, set, deque)):
        return _refilled(
            value, [_each_text(item, change) for item in value], "update" if isinstance(value, set) else "extend"
        )
    if arguments := _arguments(value):
        return type(value)(*_each_text(arguments, change))
    parts = {name: _each_text(part, change) for name, part in _parts(value).items()}
    if not parts:
        return value
    if hasattr(value, "model_copy"):
        return value.model_copy(update=parts)
    if hasattr(value, "__fields_set__"):  # a copy by copy.copy has the same attributes, not the like
        return value.copy(update=parts)
    copied = copy.copy(value)
    for name, part in parts.items():
        object.__setattr__(copied, name, part)
    return copied


def _plain(value: Enum | re.Pattern[str], change: Callable[[str], str]) -> Any:
    """What stands for an object that cannot be made of escaped text: no member has that value, no syntax is left."""
    if isinstance(value, Enum):  # read, it is its value, as with LangGraph where a member cannot be found
        return _each_text(value.value, change)
    return {_PATTERN: [change(value.pattern), value.flags]}


def _refilled(container: Any, items: Any, fill: str) -> Any:
    copied = copy.copy(container)
    copied.clear()
    getattr(copied, fill)(items)
    return copied
