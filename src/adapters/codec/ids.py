"""Ids as the sixteen bytes that hashes cover and binary columns hold."""

from binascii import unhexlify

from domain.shared.ids import Id


def packed(id: Id) -> bytes:
    """Return an id's sixteen bytes, big-endian; raises ValueError for a text that is no id."""
    return unhexlify(id.replace("-", ""))


def unpacked(content: bytes) -> Id:
    """Return the id that sixteen bytes stand for."""
    digits = content.hex()
    return Id(f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}")
