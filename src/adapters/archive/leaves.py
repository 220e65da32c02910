from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from struct import Struct
from typing import Final

import polars as pl

from application.audit.proving.stored_log import LeafRun
from application.shared.ports import Place

RUN: Final = 4096
"""Leaves that are handed on at once."""

_BEGINNING: Final = Struct("!I16sI16sIq")
_EMPTY: Final = bytes(4)
_SIXTEEN: Final = b"\x00\x00\x00\x10"
_THIRTY_TWO: Final = b"\x00\x00\x00\x20"
_SIZES: Final = {"event_id": 16, "stream_id": 16, "user_id": 16, "correlation_id": 16, "fingerprint": 32}


def leaf_runs(part: pl.DataFrame) -> list[LeafRun]:
    """Hash the facts of a frame as the writer of the log does; a new run begins after every gap.

    Raises ValueError for what no row of the log can be.
    """
    for name, size in _SIZES.items():
        if not part[name].bin.size().eq(size).all():
            raise ValueError(f"{name} is not {size} bytes long")
    places, leaves = part["position"].to_list(), _leaves(part)
    gaps = part["position"].diff().ne(1).arg_true().to_list()
    return [
        LeafRun(Place(places[begin]), leaves[begin:end])
        for begin, end in pairwise(sorted({0, *gaps, len(leaves)}))
    ]


def _leaves(part: pl.DataFrame) -> list[bytes]:
    """See `adapters.codec.leaves`: the same bytes, from columns."""
    counted = part.with_columns(pl.col("recorded_at").cast(pl.Int64)).drop("position")
    return [
        _hashed(
            _BEGINNING.pack(16, event, 16, stream, 8, version)
            + _text(kind)
            + (_EMPTY if user is None else _SIXTEEN + user)
            + (_EMPTY if cause is None else _SIXTEEN + cause)
            + _moment(at)
            + (b"" if fingerprint is None else _THIRTY_TWO + fingerprint),
            payload,
        )
        for event, stream, version, kind, user, cause, at, payload, fingerprint in counted.iter_rows()
    ]


def _hashed(header: bytes, payload: bytes) -> bytes:
    return sha256(b"\x00" + len(header).to_bytes(4, "big") + header + payload).digest()


@lru_cache(maxsize=256)
def _text(value: str) -> bytes:
    content = value.encode()
    return len(content).to_bytes(4, "big") + content


@lru_cache(maxsize=16)
def _moment(value: int) -> bytes:
    return b"\x00\x00\x00\x08" + value.to_bytes(8, "big", signed=True)
