from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from struct import Struct
from typing import Final

from adapters.codec.ids import packed
from domain.shared.ids import Id

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BEGINNING: Final = Struct("!I16sI16sIQ")
_SIXTEEN: Final = b"\x00\x00\x00\x10"
_EMPTY: Final = bytes(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A fact as it goes into the log, complete but for its place, which only the commit can give."""

    event_id: Id
    stream_id: Id
    version: int
    type: str
    user_id: Id | None
    correlation_id: Id | None
    recorded_at: datetime
    payload: bytes
    fingerprint: bytes | None = None

    def leaf(self) -> bytes:
        """Return the hash that the commit's Merkle root covers: the header with its lengths, then the stored bytes.

        Integers are eight bytes, big-endian; an absent id is empty; times count microseconds since 1970. The
        fingerprint of the state that the stream reached is the header's last field where there is one.
        """
        return _leaf(self, _moment(self.recorded_at))


def leaves(entries: Iterable[Entry]) -> list[bytes]:
    """Return the leaf of each, as `Entry.leaf` does; quicker where they are of one time, as those of a commit are."""
    found, at, moment = list[bytes](), None, b""
    for entry in entries:
        if entry.recorded_at is not at:
            at = entry.recorded_at
            moment = _moment(at)
        found.append(_leaf(entry, moment))
    return found


def _leaf(entry: Entry, moment: bytes) -> bytes:
    event, stream, user, cause = entry.event_id, entry.stream_id, entry.user_id, entry.correlation_id
    header = (
        _BEGINNING.pack(16, packed(event), 16, packed(stream), 8, entry.version)
        + _text(entry.type)
        + (_EMPTY if user is None else _SIXTEEN + packed(user))
        + (_EMPTY if cause is None else _SIXTEEN + packed(cause))
        + moment
    )
    if entry.fingerprint is not None:
        header += _prefixed(entry.fingerprint)
    return sha256(b"\x00" + len(header).to_bytes(4, "big") + header + entry.payload).digest()


@lru_cache(maxsize=256)
def _text(value: str) -> bytes:
    return _prefixed(value.encode())


@lru_cache(maxsize=16)
def _moment(value: datetime) -> bytes:
    return _prefixed(((value - _EPOCH) // timedelta(microseconds=1)).to_bytes(8, "big", signed=True))


def _prefixed(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content
