from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from struct import Struct
from typing import Final
from uuid import UUID

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BEGINNING: Final = Struct("!I16sI16sIQ")
_SIXTEEN: Final = b"\x00\x00\x00\x10"
_EMPTY: Final = bytes(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A fact as it goes into the log, complete but for its place, which only the commit can give."""

    event_id: UUID
    stream_id: UUID
    version: int
    type: str
    user_id: UUID | None
    correlation_id: UUID | None
    recorded_at: datetime
    payload: bytes
    fingerprint: bytes | None = None

    def leaf(self) -> bytes:
        """Return the hash that the commit's Merkle root covers: the header with its lengths, then the stored bytes.

        Integers are eight bytes, big-endian; an absent id is empty; times count microseconds since 1970. The
        fingerprint of the state that the stream reached is the header's last field where there is one.
        """
        header = (
            _BEGINNING.pack(16, self.event_id.bytes, 16, self.stream_id.bytes, 8, self.version)
            + _text(self.type)
            + _id(self.user_id)
            + _id(self.correlation_id)
            + _moment(self.recorded_at)
        )
        if self.fingerprint is not None:
            header += _prefixed(self.fingerprint)
        return sha256(b"\x00" + len(header).to_bytes(4, "big") + header + self.payload).digest()


def _id(value: UUID | None) -> bytes:
    return _EMPTY if value is None else _SIXTEEN + value.bytes


@lru_cache(maxsize=256)
def _text(value: str) -> bytes:
    return _prefixed(value.encode())


@lru_cache(maxsize=16)
def _moment(value: datetime) -> bytes:
    return _prefixed(((value - _EPOCH) // timedelta(microseconds=1)).to_bytes(8, "big", signed=True))


def _prefixed(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content
