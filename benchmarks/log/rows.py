from typing import Any, Final, LiteralString
from uuid import UUID

from adapters.codec.leaves import Entry

COLUMNS: Final[LiteralString] = """(
    position, stream_id, version, event_id, type, user_id, correlation_id, recorded_at, payload, fingerprint
)"""
TYPES: Final = ("int8", "uuid", "int8", "uuid", "text", "uuid", "uuid", "timestamptz", "bytea", "bytea")


def row_of(place: int, entry: Entry) -> tuple[Any, ...]:
    """Return a fact as COPY takes it, in these columns; the driver adapts UUIDs to them, and no text."""
    return (
        place,
        UUID(entry.stream_id),
        entry.version,
        UUID(entry.event_id),
        entry.type,
        entry.user_id and UUID(entry.user_id),
        entry.correlation_id and UUID(entry.correlation_id),
        entry.recorded_at,
        entry.payload,
        entry.fingerprint,
    )
