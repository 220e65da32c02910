"""Arrays in PostgreSQL's binary form, packed at once: psycopg adapts element by element, which costs far more."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from struct import Struct
from typing import Final

import psycopg
from psycopg import pq
from psycopg.adapt import Dumper

from adapters.codec.ids import packed
from domain.shared.ids import Id

_HEAD: Final = Struct("!5i")
_NULL: Final = b"\xff\xff\xff\xff"
_FOUR, _EIGHT, _SIXTEEN = (size.to_bytes(4, "big") for size in (4, 8, 16))
_UUID, _INT4, _INT8, _BYTEA, _TEXT = 2950, 23, 20, 17, 25


@dataclass(frozen=True, slots=True)
class _Packed:
    content: bytes


class Uuids(_Packed):
    """A uuid[]."""


class Integers(_Packed):
    """An integer[]."""


class Bigints(_Packed):
    """A bigint[]."""


class Byteas(_Packed):
    """A bytea[]."""


class Texts(_Packed):
    """A text[]."""


def uuids(values: Sequence[Id | None]) -> Uuids:
    """Pack a uuid[]; None is NULL."""
    fields = [_NULL if value is None else _SIXTEEN + packed(value) for value in values]
    return Uuids(_array(_UUID, fields))


def integers(values: Sequence[int]) -> Integers:
    """Pack an integer[]."""
    return Integers(_array(_INT4, [_FOUR + value.to_bytes(4, "big", signed=True) for value in values]))


def bigints(values: Sequence[int]) -> Bigints:
    """Pack a bigint[]."""
    return Bigints(_array(_INT8, [_EIGHT + value.to_bytes(8, "big", signed=True) for value in values]))


def byteas(values: Sequence[bytes | None]) -> Byteas:
    """Pack a bytea[]; None is NULL."""
    return Byteas(_array(_BYTEA, _with_lengths(values), len(values)))


def texts(values: Sequence[str]) -> Texts:
    """Pack a text[]."""
    return Texts(_array(_TEXT, _with_lengths([value.encode() for value in values]), len(values)))


def _array(kind: int, fields: Sequence[bytes], count: int | None = None) -> bytes:
    return _HEAD.pack(1, 0, kind, len(fields) if count is None else count, 1) + b"".join(fields)


def _with_lengths(values: Sequence[bytes | None]) -> list[bytes]:
    pairs = ((_NULL, b"") if value is None else (_length(len(value)), value) for value in values)
    return list(chain.from_iterable(pairs))


@lru_cache(maxsize=4096)
def _length(size: int) -> bytes:
    return size.to_bytes(4, "big")


class _PackedDumper(Dumper):
    format = pq.Format.BINARY

    def dump(self, obj: _Packed) -> bytes:
        """Return what is packed already."""
        return obj.content


class _UuidsDumper(_PackedDumper):
    oid = 2951


class _IntegersDumper(_PackedDumper):
    oid = 1007


class _BigintsDumper(_PackedDumper):
    oid = 1016


class _ByteasDumper(_PackedDumper):
    oid = 1001


class _TextsDumper(_PackedDumper):
    oid = 1009


for _kind, _dumper in (
    (Uuids, _UuidsDumper),
    (Integers, _IntegersDumper),
    (Bigints, _BigintsDumper),
    (Byteas, _ByteasDumper),
    (Texts, _TextsDumper),
):
    psycopg.adapters.register_dumper(_kind, _dumper)
