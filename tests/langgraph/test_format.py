"""The stored bytes of graphs are frozen: what this version writes, and what it reads of earlier versions."""

from __future__ import annotations

import ast
import hashlib
import random
import re
import secrets
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import ormsgpack
import pytest
import zstandard
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.serde.types import INTERRUPT

import agentomatic_sql
from agentomatic_sql.encryption import Encryption
from agentomatic_sql.errors import Undecipherable
from agentomatic_sql.escaping import unescape
from agentomatic_sql.graphs.checkpoints import Packed, pack, unpack
from agentomatic_sql.graphs.codec import Codec
from agentomatic_sql.graphs.format import WORDS
from agentomatic_sql.graphs.rows import Namespace, Run, Written
from agentomatic_sql.graphs.runs import Runs
from agentomatic_sql.graphs.writes import merge
from agentomatic_sql.graphs.writes import pack as pack_writes
from agentomatic_sql.tables import GRAPH_VALUES

# These values were printed by the version that first stored them. A change here makes stored data unreadable.

WORDS_DIGEST = "8cac06304b961b2b2cda512a6a20c91f51e7fcf605b22fd5b1a17ee3a4a9d9c2"

LONG = "0123456789" * 10
COMPRESSED = bytes.fromhex("0128b52ffd20648d000050303132333435363738390100d7a92001")
ENCRYPTED = bytes.fromhex("0292a56669786564c4065a293235282e")

VERSIONS = {"list": 1, "text": 1, "short": 1, "odd\ud800": 1}
VALUES = {"list": [LONG, 1], "text": LONG, "short": ["s", None], "odd\ud800": b"\x00\xff"}
FIRST_BODY = bytes.fromhex(
    "9292a87e6d73677061636bc4419283a17604a26964a26331b06368616e6e656c5f76657273696f6e7384a46c69737401a47465787401a573686f"
    "727401a86f64641a643830300181a4737465700084a46c69737495a76d73677061636bc002919201009194000067c410dec9e830bbea90ee35f5"
    "54634c1d751fa47465787495a76d73677061636bc0c0919202009194000066c4104abee33f68f830307bf0cd8599e49f5da573686f727495a76d"
    "73677061636bc40492a173c0c09090a86f64641a6438303095a56279746573c40200ffc09090"
)
FIRST_BODY_SEALED = bytes.fromhex(
    "0128b52ffd20d425050054089292a87e6d73677061636bc4419283a17604a26964a2633184a46c69737401a47465787401a573686f727401a86f"
    "64641a6438303001810095a7c002919201009194000067c410dec9e830bbea90ee35f554634c1d751fc091920266c4104abee33f68f830307bf0"
    "cd8599e49f5dc40492a173c0c0909095a56279746573c40200ffc090900a000353ee6901e53001dc74baa1269aab8243a4906d4eb41934b3c003"
)
FIRST_SEGMENTS = "[[1,0],[2,0]]"
FIRST_RUNS = [(1, 0, b"\xd9\x64" + LONG.encode() + b"\x01"), (2, 0, b"\xd9\x64" + LONG.encode())]

FIRST_DIGEST = bytes.fromhex("dec9e830bbea90ee35f554634c1d751f")
GROWN_DIGEST = bytes.fromhex("508598b8efe8dd5590b97f28cb840833")
GROWN_LIST = ["msgpack", None, 3, [[1, 1]], [[0, 0, 103, FIRST_DIGEST], [0, 1, 205, GROWN_DIGEST]]]
GROWN_SEGMENTS = "[[1,1]]"
BRANCHED_LIST = ["msgpack", None, 3, [[1, 0], [3, 0]], [[0, 0, 103, FIRST_DIGEST], [1, 0, 205, GROWN_DIGEST]]]
BRANCHED_SEGMENTS = "[[1,0],[3,0]]"

WRITES = bytes.fromhex(
    "93a9706174681a30303030a47461736b939400a178a76d73677061636bc4010194fdad5f5f696e746572727570745f5fa76d73677061636bc401"
    "c09402a86f64641a30303161a56279746573c40100"
)
WRITES_SEALED = bytes.fromhex(
    "0128b52ffd204f1d0200840393a9706174681a30303030a47461736b939400a178a76d73677061636bc4010194fdadc09402a86f64641a303031"
    "61a56279746573c4010002003e37b0ac877802"
)
PARTS = [
    ("ff3031323334353637000000000093a0", "ccc8ba4d0d37b89f880d4b998f2c32ee748d2b99494507626ad900c93b3332ed"),
    ("ff303132333435363700000001349f1d", "2df68d90935378f67b4aa0fbb498390d177eb1ff9e0d92d25d5119f7d968f487"),
    ("ff3031323334353637000000029136d3", "9a8b516ceaa36f786877322dc89626ef4be2a81a9b109b9c01a4fdc848f39d45"),
]


class Plain:
    """A serializer whose bytes no release of LangGraph changes."""

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        return ("bytes", obj) if isinstance(obj, bytes) else ("msgpack", ormsgpack.packb(obj))

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        return data[1] if data[0] == "bytes" else ormsgpack.unpackb(data[1])


class Cipher:
    """A cipher that gives the same ciphertext each time."""

    def encrypt(self, plaintext: bytes) -> tuple[str, bytes]:
        return "fixed", bytes(byte ^ 0x5A for byte in plaintext)

    def decrypt(self, ciphername: str, ciphertext: bytes) -> bytes:
        assert ciphername == "fixed"
        return self.encrypt(ciphertext)[1]


PLACE = Namespace("t\ud800", "ns")
HERE = PLACE.identity(GRAPH_VALUES, 7, 0)
CODEC = Codec(Plain(), strict=False)
CIPHER_CODEC = Codec(EncryptedSerializer(Cipher(), Plain()), strict=True)


@pytest.fixture
def no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments count from 1, and the token of a long row is the same each time."""
    numbers = count(1)
    monkeypatch.setattr(secrets, "randbits", lambda _bits: next(numbers))
    monkeypatch.setattr(secrets, "token_bytes", lambda size: b"0123456789abcdef"[:size])


# a row: plain, compressed, encrypted


def test_the_compression_dictionary() -> None:
    assert hashlib.sha256(WORDS).hexdigest() == WORDS_DIGEST


def test_a_plain_row() -> None:
    assert CODEC.seal(b"short", HERE) == b"\x00short"
    assert CODEC.seal(b"", HERE) == b"\x00"
    assert CODEC.open(b"\x00short", HERE) == b"short"


def test_a_compressed_row() -> None:
    """The compressor may get better: a row of today decompresses by the format, and an old row still opens."""
    sealed = CODEC.seal(LONG.encode(), HERE)
    assert sealed[:1] == b"\x01"
    frame = zstandard.get_frame_parameters(sealed[1:])
    assert (frame.content_size, frame.dict_id, frame.has_checksum) == (100, 0, False)
    dictionary = zstandard.ZstdCompressionDict(WORDS, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    assert zstandard.ZstdDecompressor(dict_data=dictionary).decompress(sealed[1:]) == LONG.encode()
    assert CODEC.open(COMPRESSED, HERE) == LONG.encode()


def test_an_encrypted_row() -> None:
    assert CIPHER_CODEC.seal(b"short", HERE) == ENCRYPTED
    assert CIPHER_CODEC.open(ENCRYPTED, HERE) == b"short"


@pytest.mark.parametrize(
    ("key_id", "beginning"),
    [("k", b"\x02\x92\xa7agms1:k\xc4"), ("k" * 32, b"\x02\x92\xd9\x26agms1:" + b"k" * 32 + b"\xc4")],
)
def test_a_row_that_a_stores_key_encrypts(key_id: str, beginning: bytes) -> None:
    encryption = Encryption({key_id: bytes(32)})
    codec = Codec(Plain(), strict=True, encryption=encryption)
    sealed = codec.seal(b"short", HERE)
    assert sealed.startswith(beginning)
    name, ciphertext = ormsgpack.unpackb(sealed[1:])
    bound_to = b'["agentomatic_graph_values", "body", "t\\ud800", "ns", 7, 0]'
    assert encryption.open_bytes(name, ciphertext, bound_to) == b"\x00short"
    for other in (PLACE.identity(GRAPH_VALUES, 7, 1), PLACE.identity(GRAPH_VALUES, 8, 0), ("another", *HERE[1:])):
        with pytest.raises(Undecipherable, match="the ciphertext was copied from another row"):
            codec.open(sealed, other)


def test_texts_that_are_not_unicode() -> None:
    codec = Codec(JsonPlusSerializer(), strict=False)
    pattern = re.compile("\ud800+", re.IGNORECASE)
    for value, data in [
        (["\ud800?", "\x1a"], b"\x92\xa6\x1ad800?\xa5\x1a001a"),
        ([pattern], b"\x91\x81\xa3\x1are\x92\xa6\x1ad800+\x22"),
    ]:
        assert codec.dumps(value) == ("~msgpack", data)
        assert codec.loads("~msgpack", data) == value


# checkpoints


def packed_first(codec: Codec = CODEC) -> Packed:
    checkpoint = {"v": 4, "id": "c1", "channel_values": VALUES, "channel_versions": VERSIONS}
    return pack(codec, PLACE, "c1", checkpoint, {"step": 0}, VERSIONS, {}, {}, branch=False)


def packed_grown(first: Packed, codec: Codec = CODEC, *, branch: bool) -> Packed:
    values, versions = {"list": [LONG, 1, LONG]}, {"list": 2}
    checkpoint = {"v": 4, "id": "c2", "channel_values": values, "channel_versions": versions}
    return pack(codec, PLACE, "c2", checkpoint, {"step": 1}, versions, first.channels, {}, branch=branch)


@pytest.mark.usefixtures("no_chance")
def test_a_checkpoint() -> None:
    packed = packed_first()
    assert CODEC.open(packed.body, HERE) == FIRST_BODY
    assert packed.segments == FIRST_SEGMENTS
    assert [(segment, position, bytes(data)) for segment, position, data in packed.opened] == FIRST_RUNS
    assert [(segment, position, CODEC.open(body, HERE)) for segment, position, body in packed.runs] == FIRST_RUNS


def test_a_checkpoint_is_read() -> None:
    for body in (b"\x00" + FIRST_BODY, FIRST_BODY_SEALED):
        header = unpack(CODEC, PLACE, "c1", body)
        assert header.checkpoint == {"v": 4, "id": "c1", "channel_versions": VERSIONS}
        assert header.metadata == {"step": 0}
        runs = Runs(CODEC, PLACE, [Run(segment, position, b"\x00" + data) for segment, position, data in FIRST_RUNS])
        assert {name: runs.value(channel) for name, channel in header.channels.items()} == VALUES


@pytest.mark.usefixtures("no_chance")
@pytest.mark.parametrize(
    ("branch", "stored", "segments"),
    [(False, GROWN_LIST, GROWN_SEGMENTS), (True, BRANCHED_LIST, BRANCHED_SEGMENTS)],
    ids=["the same segment", "another segment"],
)
def test_a_list_that_has_grown(branch: bool, stored: Any, segments: str) -> None:
    first = packed_first()
    grown = packed_grown(first, branch=branch)
    _header, channels = ormsgpack.unpackb(CODEC.open(grown.body, HERE))
    assert channels == {"list": stored}
    assert grown.segments == segments
    header = unpack(CODEC, PLACE, "c2", grown.body)
    assert Runs(CODEC, PLACE, [*first.runs, *grown.runs]).value(header.channels["list"]) == [LONG, 1, LONG]


@pytest.mark.parametrize("length", [15, 16, 0xFFFF, 0x10000])
def test_the_header_of_a_list_is_not_in_its_runs(length: int) -> None:
    items = [LONG, *[0] * (length - 1)]
    checkpoint = {"v": 4, "id": "c1", "channel_values": {"x": items}, "channel_versions": {"x": 1}}
    packed = pack(CODEC, PLACE, "c1", checkpoint, {}, {"x": 1}, {}, {}, branch=False)
    channel = packed.channels["x"]
    assert bytes(packed.opened[0].data) == b"\xd9\x64" + LONG.encode() + bytes(length - 1)
    assert channel.items == length
    assert Runs(CODEC, PLACE, packed.runs).value(channel) == items


# writes


def test_a_row_of_writes() -> None:
    writes = [("x", 1), (INTERRUPT, None), ("odd\x1a", b"\x00")]
    (row,) = pack_writes(CODEC, PLACE, "c1", writes, "task", "path\x00")
    assert CODEC.open(row, HERE) == WRITES
    for stored in (b"\x00" + WRITES, WRITES_SEALED):
        read = merge(CODEC, PLACE, "c1", [Written(1, 7, stored)]).writes
        assert [(*write[:4], CODEC.loads(write.format, write.data)) for write in read] == [
            ("path\x00", "task", -3, INTERRUPT, None),
            ("path\x00", "task", 0, "x", 1),
            ("path\x00", "task", 2, "odd\x1a", b"\x00"),
        ]


@pytest.mark.usefixtures("no_chance")
def test_a_row_of_writes_in_parts() -> None:
    noise = random.Random(5).randbytes(2_500_000)  # nothing that could be compressed
    parts = pack_writes(CODEC, PLACE, "c1", [("x", noise)], "task", "")
    assert [(part[:16].hex(), hashlib.sha256(part).hexdigest()) for part in parts] == PARTS
    rows = [Written(number, 7, part) for number, part in enumerate(reversed(parts))]
    (write,) = merge(CODEC, PLACE, "c1", rows).writes
    assert write.data == noise


# another reader, written from the description at the top of format.py


def content(body: bytes) -> bytes:
    if body[0] == 2:
        _name, ciphertext = ormsgpack.unpackb(body[1:])
        body = Cipher().decrypt("fixed", ciphertext)
    dictionary = zstandard.ZstdCompressionDict(WORDS, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    return zstandard.ZstdDecompressor(dict_data=dictionary).decompress(body[1:]) if body[0] == 1 else body[1:]


def values(packed: Packed, *earlier: Packed) -> dict[str, Any]:
    runs = {(segment, position): body for each in (*earlier, packed) for segment, position, body in each.runs}
    _header, channels = ormsgpack.unpackb(content(packed.body))
    found = {}
    for name, (format_, data, items, pieces, _marks) in channels.items():
        if data is None:
            places = [(segment, position) for segment, last in pieces for position in range(last + 1)]
            data = b"".join(content(runs[place]) for place in places)
            data = data if items is None else bytes([0x90 + items]) + data
        found[name] = Plain().loads_typed((format_, data))
    return found


@pytest.mark.parametrize("codec", [CODEC, CIPHER_CODEC], ids=["plain", "encrypted"])
def test_another_reader_reads_a_checkpoint(codec: Codec) -> None:
    first = packed_first(codec)
    assert {unescape(name): value for name, value in values(first).items()} == VALUES
    for branch in (False, True):
        assert values(packed_grown(first, codec, branch=branch), first) == {"list": [LONG, 1, LONG]}


@pytest.mark.parametrize("codec", [CODEC, CIPHER_CODEC], ids=["plain", "encrypted"])
def test_another_reader_reads_writes(codec: Codec) -> None:
    noise = random.Random(5).randbytes(2_500_000)
    parts = {row[9:13]: row[13:] for row in pack_writes(codec, PLACE, "c1", [("x", noise)], "task", "path")}
    read = ormsgpack.unpackb(content(b"".join(parts[number] for number in sorted(parts))))
    assert read == ["path", "task", [[0, "x", "bytes", noise]]]


# one module knows the format


PACKAGE = Path(agentomatic_sql.__file__).parent
GRAPHS = PACKAGE / "graphs"
OTHERS = sorted({*GRAPHS.glob("*.py"), PACKAGE / "langgraph.py"} - {GRAPHS / "format.py"})
DIGESTS = {("rows.py", "to_bytes")}  # the length of a text within a digest, which nobody takes apart


def assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr | None]]:
    """The names that a module binds at its top level, with the values."""
    for node in tree.body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    yield from zip(map(ast.unparse, target.elts), node.value.elts, strict=True)
                else:
                    yield ast.unparse(target), node.value
        elif isinstance(node, ast.AnnAssign):
            yield ast.unparse(node.target), node.value


FORMAT = dict(assigned(ast.parse((GRAPHS / "format.py").read_text())))
LITERALS = {node.value for node in FORMAT.values() if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_the_constants_of_the_format_are_found() -> None:
    assert {"_PLAIN", "_COMPRESSED", "_ENCRYPTED", "_PART", "_TOKEN_BYTES", "PATTERN", "WORDS"} <= FORMAT.keys()
    assert {"msgpack", "~", "\x1are"} <= LITERALS


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.name)
def test_no_other_module_knows_the_format(path: Path) -> None:
    """Bytes that no text has, the format's texts, packing, and constants of the same name are in format.py alone."""
    tree = ast.parse(path.read_text())
    known = {name.strip("_") for name in FORMAT}
    twice = [name for name, _value in assigned(tree) if name.strip("_") in known]
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            binary = isinstance(node.value, bytes) and not node.value.decode("latin-1").isprintable()
            twice += [repr(node.value)] if binary or node.value in LITERALS else []
        elif isinstance(node, ast.Attribute) and node.attr in ("packb", "unpackb", "to_bytes", "from_bytes", "loads"):
            own = (path.name, node.attr) in DIGESTS or (node.attr == "loads" and ast.unparse(node.value) != "json")
            twice += [] if own else [ast.unparse(node)]
    assert not twice
