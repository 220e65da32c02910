"""Arrays in PostgreSQL's binary form, packed at once: psycopg adapts element by element, which costs far more."""

from collections.abc import Iterable, Sequence
from struct import Struct
from typing import Final
from uuid import UUID

import psycopg
from psycopg import pq
from psycopg.adapt import Dumper

_HEAD: Final = Struct("!5i")
_NULL: Final = b"\xff\xff\xff\xff"
_UUID, _INT4, _INT8, _BYTEA, _TEXT = 2950, 23, 20, 17, 25


class Uuids(bytes):
    """A uuid[]."""


class Integers(bytes):
    """An integer[]."""


class Bigints(bytes):
    """A bigint[]."""


class Byteas(bytes):
    """A bytea[]."""


class Texts(bytes):
    """A text[]."""


def uuids(values: Sequence[UUID | None]) -> Uuids:
    """Pack a uuid[]; None is NULL."""
    return Uuids(
        _array(_UUID, len(values), [_field(None if value is None else value.bytes) for value in values])
    )


def integers(values: Sequence[int]) -> Integers:
    """Pack an integer[]."""
    return Integers(_fixed(_INT4, 4, values))


def bigints(values: Sequence[int]) -> Bigints:
    """Pack a bigint[]."""
    return Bigints(_fixed(_INT8, 8, values))


def byteas(values: Sequence[bytes | None]) -> Byteas:
    """Pack a bytea[]; None is NULL."""
    return Byteas(_array(_BYTEA, len(values), [_field(value) for value in values]))


def texts(values: Sequence[str]) -> Texts:
    """Pack a text[]."""
    return Texts(_array(_TEXT, len(values), [_field(value.encode()) for value in values]))


def _fixed(kind: int, size: int, values: Sequence[int]) -> bytes:
    length = size.to_bytes(4, "big")
    return _array(kind, len(values), [length + value.to_bytes(size, "big", signed=True) for value in values])


def _array(kind: int, size: int, fields: Iterable[bytes]) -> bytes:
    return _HEAD.pack(1, 0, kind, size, 1) + b"".join(fields)


def _field(content: bytes | None) -> bytes:
    return _NULL if content is None else len(content).to_bytes(4, "big") + content


class _Packed(Dumper):
    format = pq.Format.BINARY

    def dump(self, obj: bytes) -> bytes:
        """Return what is packed already."""
        return obj


class _UuidsDumper(_Packed):
    oid = 2951


class _IntegersDumper(_Packed):
    oid = 1007


class _BigintsDumper(_Packed):
    oid = 1016


class _ByteasDumper(_Packed):
    oid = 1001


class _TextsDumper(_Packed):
    oid = 1009


for _kind, _dumper in (
    (Uuids, _UuidsDumper),
    (Integers, _IntegersDumper),
    (Bigints, _BigintsDumper),
    (Byteas, _ByteasDumper),
    (Texts, _TextsDumper),
):
    psycopg.adapters.register_dumper(_kind, _dumper)
