from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.shared import merkle

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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

    def leaf(self) -> bytes:
        """Return the hash that the commit's Merkle root covers: the header with its lengths, then the stored bytes.

        Integers are eight bytes, big-endian; an absent id is empty; times count microseconds since 1970.
        """
        fields = (
            self.event_id.bytes,
            self.stream_id.bytes,
            self.version.to_bytes(8, "big"),
            self.type.encode(),
            self.user_id.bytes if self.user_id else b"",
            self.correlation_id.bytes if self.correlation_id else b"",
            ((self.recorded_at - _EPOCH) // timedelta(microseconds=1)).to_bytes(8, "big", signed=True),
        )
        header = b"".join(_prefixed(field) for field in fields)
        return merkle.leaf(_prefixed(header) + self.payload)


def _prefixed(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content
