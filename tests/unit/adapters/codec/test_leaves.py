from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from adapters.codec.ids import packed
from adapters.codec.leaves import Entry
from domain.shared.ids import Id


def uuid(number: int) -> Id:
    return Id(f"01890000-0000-7000-8000-{number:012d}")


ENTRY = Entry(
    event_id=uuid(1),
    stream_id=uuid(2),
    version=5,
    type="alert.sent.v1",
    user_id=uuid(3),
    correlation_id=uuid(4),
    recorded_at=datetime(2026, 2, 3, 4, 5, 6, 789012, tzinfo=UTC),
    payload=b'{"a":1}',
)
WITHOUT_IDS = replace(ENTRY, user_id=None, correlation_id=None)


@pytest.mark.parametrize(
    ("entry", "leaf"),
    [
        (ENTRY, "83c55c2161c97436955c38a0aedfd310ff5bd96c8308d8fa59d1a21e2d91a73e"),
        (WITHOUT_IDS, "ff03709c11a3b56cd0e27d38e445f7941d35038a2c8f07b4741bc84608fc75c7"),
    ],
)
def test_a_leaf_without_a_fingerprint_is_what_it_was_before_there_were_any(entry: Entry, leaf: str) -> None:
    assert entry.leaf().hex() == leaf


@pytest.mark.parametrize("entry", [ENTRY, WITHOUT_IDS])
def test_a_fingerprint_is_the_headers_last_field(entry: Entry) -> None:
    reached = sha256(b"state").digest()
    fields = [
        packed(entry.event_id),
        packed(entry.stream_id),
        (5).to_bytes(8, "big"),
        b"alert.sent.v1",
        packed(entry.user_id) if entry.user_id else b"",
        packed(entry.correlation_id) if entry.correlation_id else b"",
        (1_770_091_506_789_012).to_bytes(8, "big"),
        reached,
    ]
    header = b"".join(len(field).to_bytes(4, "big") + field for field in fields)
    content = len(header).to_bytes(4, "big") + header + entry.payload
    assert replace(entry, fingerprint=reached).leaf() == sha256(b"\x00" + content).digest()
