"""Identities are UUIDs (RFC 9562), kept as the text that facts, messages and addresses hold."""

import hashlib
from typing import NewType
from uuid import UUID

Id = NewType("Id", str)
"""A UUID in its canonical text form: 36 characters, lower case. Ids sort as the numbers sort that they stand for."""

UserId = NewType("UserId", Id)
BatchId = NewType("BatchId", Id)
PositionId = NewType("PositionId", Id)
SignalId = NewType("SignalId", Id)
AlertId = NewType("AlertId", Id)
DeliveryId = NewType("DeliveryId", Id)
IntentId = NewType("IntentId", Id)


def id_of(number: int) -> Id:
    """Return the id that stands for a number of 128 bits; raises ValueError for one that is larger or negative."""
    return Id(str(UUID(int=number)))


def read_id(text: str) -> Id:
    """Return the id that somebody wrote, in whatever spelling of a UUID; raises ValueError for anything else."""
    return Id(str(UUID(text)))


def derived(kind: str, *parts: object) -> Id:
    """Return the id that follows from these parts, the same on every replay.

    A version 8 UUID (RFC 9562) from SHA-256 over the length-prefixed parts.
    """
    digest = hashlib.sha256()
    for part in (kind, *parts):
        text = str(part).encode()
        digest.update(len(text).to_bytes(4, "big") + text)
    value = int.from_bytes(digest.digest()[:16], "big")
    value = (value & ~(0xF << 76)) | (8 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return id_of(value)
