import hashlib
from typing import NewType
from uuid import UUID

UserId = NewType("UserId", UUID)
BatchId = NewType("BatchId", UUID)
PositionId = NewType("PositionId", UUID)
SignalId = NewType("SignalId", UUID)
AlertId = NewType("AlertId", UUID)
DeliveryId = NewType("DeliveryId", UUID)
IntentId = NewType("IntentId", UUID)


def derived(kind: str, *parts: object) -> UUID:
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
    return UUID(int=value)
