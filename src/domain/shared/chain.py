import re
from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from domain.shared.errors import Invalid

ChainId = NewType("ChainId", int)
Address = NewType("Address", str)

_ADDRESS = re.compile(r"0x[0-9a-f]{40}")


def address(text: str) -> Address:
    """Return the address in the one form that is stored and compared: 0x and forty lower-case digits.

    Raises Invalid. The checksum of EIP-55 is verified at the border, where mixed case still means something.
    """
    lowered = text.strip().lower()
    if not _ADDRESS.fullmatch(lowered):
        raise Invalid(f"{text[:60]!r} is not an address: it takes 0x and forty hexadecimal digits.")
    return Address(lowered)


def short(of: Address) -> str:
    """Abbreviate an address for a sentence: 0x1234…abcd."""
    return f"{of[:6]}…{of[-4:]}"


@dataclass(frozen=True, slots=True)
class Block:
    """A block by number *and* hash: the number alone may mean another block after a reorganisation."""

    number: int
    hash: str
    time: datetime
