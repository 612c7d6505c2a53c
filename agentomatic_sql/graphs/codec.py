"""Turn values of a graph into bytes and back, and seal bytes into rows: serialize, compress, encrypt.

Needs the extra `langgraph`. `format` says how the stored bytes are laid out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

import ormsgpack
import zstandard
from langgraph.checkpoint.serde import jsonplus
from langgraph.checkpoint.serde.base import CipherProtocol, SerializerProtocol
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer

from . import format as stored
from . import texts
from .rows import Identity, bound_to

if TYPE_CHECKING:
    from ..encryption import Encryption

_COMPRESSION_PAYS = 64  # bytes; shorter contents are not compressed


class Serialized(NamedTuple):
    """A value that is serialized already, by the serializer of the codec that gets it: `dumps` returns it as it is."""

    format: str
    data: bytes


class NotEncrypted(ValueError):
    """A row is not encrypted, and the serializer must read encrypted rows only."""

    def __init__(self) -> None:
        super().__init__("the row is not encrypted: SQLAlchemySaver(strict=False) reads it all the same")


class Codec:
    """A serializer of LangGraph's with compression and encryption: `dumps` and `loads` values, `seal` and `open` rows.

    An `EncryptedSerializer` is taken apart: its inner serializer makes the bytes, and its cipher encrypts each row as a
    whole, so that nothing a user wrote is stored in clear. With `encryption`, its keys do so, and bind each row to its
    identity; LangGraph's interface of ciphers cannot. With `strict`, a row that is not encrypted is refused
    (`NotEncrypted`). Without `compress`, rows are sealed as they are. Every method may raise what the serializer or the
    cipher raises.
    """

    def __init__(
        self, serde: SerializerProtocol, *, strict: bool, encryption: Encryption | None = None, compress: bool = True
    ) -> None:
        self._cipher: CipherProtocol | None = None
        if isinstance(serde, EncryptedSerializer):
            self._cipher, serde, encryption = serde.cipher, serde.serde, None
        self._encryption = encryption
        self._compress = compress
        self._serde = serde
        langgraphs = getattr(serde.dumps_typed, "__func__", None) is jsonplus.JsonPlusSerializer.dumps_typed
        self._pack_strictly = _pack_strictly if langgraphs else None
        self._strict = strict and (self._cipher is not None or encryption is not None)

    def dumps(self, value: Any) -> tuple[str, bytes]:
        """Serialize a value: return the format and the bytes."""
        if type(value) is Serialized:
            return value.format, value.data
        if self._pack_strictly is not None and not isinstance(value, _NOT_PACKED):
            try:
                return stored.MSGPACK, self._pack_strictly(value)
            except ormsgpack.MsgpackEncodeError:  # a lone surrogate, or an object that msgpack cannot hold
                pass
        try:
            format_, data = self._serde.dumps_typed(value)
        except (ormsgpack.MsgpackEncodeError, UnicodeEncodeError):  # the serializer refuses surrogates in keys
            if not texts.have_surrogates(value):
                raise
        else:
            if not self._has_lost(value, format_, data):
                return format_, data
        format_, data = self._serde.dumps_typed(texts.escaped(value))
        return stored.escaped_format(format_), data

    def _has_lost(self, value: Any, format_: str, data: bytes) -> bool:
        """Return whether the serializer replaced a lone surrogate of the value by a question mark."""
        if self._pack_strictly is not None:  # which has just refused the value
            return format_ == stored.MSGPACK
        return b"?" in data and texts.have_surrogates(value)

    def loads(self, format_: str, data: bytes) -> Any:
        """Return the value that `dumps` serialized."""
        inner = stored.unescaped_format(format_)
        if inner is None:
            return self._serde.loads_typed((format_, data))
        return texts.unescaped(self._serde.loads_typed((inner, data)))

    def seal(self, content: bytes | memoryview, identity: Identity) -> bytes:
        """Return a row's body: the content, compressed if that is wanted and makes it shorter, and encrypted."""
        body = stored.plain_body(content)
        if self._compress and len(content) >= _COMPRESSION_PAYS:
            body = min(body, stored.compressed_body(_zstd.compress(content)), key=len)
        if self._encryption is not None:
            return stored.encrypted_body(*self._encryption.seal_bytes(body, bound_to(identity)))
        return body if self._cipher is None else stored.encrypted_body(*self._cipher.encrypt(body))

    def open(self, body: bytes, identity: Identity) -> bytes:
        """Return the content of the body of the row with this identity."""
        encrypted = stored.unpack_encrypted(body)
        if encrypted is not None and self._encryption is not None:
            body = self._encryption.open_bytes(*encrypted, bound_to(identity))
        elif encrypted is not None:
            if self._cipher is None:
                raise ValueError("the row is encrypted: give the EncryptedSerializer that wrote it as serde=")
            body = self._cipher.decrypt(*encrypted)
        elif self._strict:
            raise NotEncrypted
        return stored.content_of(body, _zstd.decompress)


def codec(serde: SerializerProtocol, encryption: Encryption | None, *, strict: bool, compress: bool = True) -> Codec:
    """Return the codec for a serializer. The database's keys encrypt, unless the serializer has a cipher of its own."""
    if encryption is not None and not isinstance(serde, EncryptedSerializer):
        strict = strict and encryption.strict
    return Codec(serde, strict=strict, encryption=encryption, compress=compress)


class _Zstd(threading.local):
    """A zstd compressor and decompressor for each thread: one object serves one thread at a time."""

    def __init__(self) -> None:
        small = zstandard.ZstdCompressionParameters.from_level(1, source_size=1024, write_dict_id=False)
        self.compress: Callable[[bytes | memoryview], bytes] = zstandard.ZstdCompressor(
            dict_data=_DICTIONARY, compression_params=small
        ).compress
        self.decompress: Callable[[bytes], bytes] = zstandard.ZstdDecompressor(dict_data=_DICTIONARY).decompress


_DICTIONARY = zstandard.ZstdCompressionDict(stored.WORDS, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
_zstd = _Zstd()

# Private names of LangGraph: `_option`, `_msgpack_enc` and `_msgpack_default` of jsonplus.
#
# Its serializer packs with OPT_REPLACE_SURROGATES, which silently turns a lone surrogate into "?". Packed without that
# option, a value that has one is refused, so a value that was packed has lost nothing. This saves a search through
# every value whose bytes contain a "?": a list of 100 messages of 600 characters with question marks is serialized in
# 0.26 ms instead of 0.51 ms, a small dict in 0.7 µs instead of 7 µs (langgraph-checkpoint 4.3, CPython 3.11).
#
# If a release lacks the names or uses them in another way, `_strict_pack` returns None. `Codec` then calls the public
# `dumps_typed` and searches the value (`texts.have_surrogates`). tests/langgraph/test_private_names.py notices it.

_Pack = Callable[[Any], bytes]
_PROBE = [{"text": [1, 1.5, True, None, b"bytes"]}, {1}]  # packed by both functions: msgpack has no sets


def _strict_pack(names: Mapping[str, Any]) -> _Pack | None:
    """Return LangGraph's packing of values, except that it refuses lone surrogates; None if that cannot be made.

    `names` are the globals of jsonplus. The option is one of them, so the functions are copied with other globals.
    """
    changed = dict(names)
    if not isinstance(changed.get("_option"), int):
        return None
    changed["_option"] &= ~ormsgpack.OPT_REPLACE_SURROGATES
    for name in ("_msgpack_enc", "_msgpack_default"):
        function = changed.get(name)
        if not isinstance(function, FunctionType):
            return None
        changed[name] = FunctionType(function.__code__, changed, name, function.__defaults__, function.__closure__)
    pack: _Pack = changed["_msgpack_enc"]
    if _refuses(pack, _PROBE) or pack(_PROBE) != jsonplus.JsonPlusSerializer().dumps_typed(_PROBE)[1]:
        return None
    return pack if _refuses(pack, {"\ud800"}) else None


def _refuses(pack: _Pack, value: Any) -> bool:
    try:
        pack(value)
    except TypeError:  # MsgpackEncodeError is one, and so is a call of a function that takes other arguments
        return True
    return False


_pack_strictly = _strict_pack(vars(jsonplus))
_NOT_PACKED = (type(None), bytes, bytearray)  # LangGraph gives these formats of their own, without loss
