import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.shared.errors import Invalid

LIFETIME = timedelta(minutes=10)
RANDOM_BYTES = 7
_LENGTH = 10
_FORM = re.compile(rf"[A-Z2-7]{{{_LENGTH}}}")
_READ_WRONG = str.maketrans({"0": "O", "1": "I", "8": "B", " ": None, "-": None})


class UnknownCode(Invalid):
    """A code works once, for ten minutes."""

    def __init__(self) -> None:
        super().__init__("This code is unknown, was used already, or has expired; ask for a new one.")


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCode:
    """A code for the user's eyes; only its hash is stored."""

    code: str = field(repr=False)
    expires_at: datetime


def drawn(chance: bytes) -> str:
    """Return a code of ten base32 digits (fifty bits) from seven random bytes."""
    return base64.b32encode(chance).decode()[:_LENGTH]


def normal(typed: str) -> str | None:
    """Return the code that was meant, whatever its case, blanks and hyphens; None when it cannot be a code."""
    code = typed[:40].upper().translate(_READ_WRONG)
    return code if _FORM.fullmatch(code) else None


def digest(code: str) -> bytes:
    """Return the SHA-256 by which a normal code is stored and found."""
    return hashlib.sha256(code.encode()).digest()
