from collections.abc import Sequence
from dataclasses import dataclass, is_dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final, NewType, get_args, get_type_hints

import msgspec

from domain.shared.errors import PlimsollError

_ENCODER: Final = msgspec.json.Encoder()
_DOUBTS: Final = (msgspec.MsgspecError, PlimsollError, UnicodeError)


@dataclass(frozen=True, slots=True)
class QuickReader:
    """Reads facts of one class as fast as they can be read.

    Whatever it cannot vouch for it leaves, as None, to the reader that is slower and can say what is wrong.
    """

    decoder: msgspec.json.Decoder[Any]

    @staticmethod
    @cache
    def of(kind: type) -> "QuickReader | None":
        """Return the reader of a class; None for one with decimals, of which some are no numbers."""
        if _holds(kind, Decimal):
            return None
        try:
            return QuickReader(msgspec.json.Decoder(kind))
        except TypeError:  # a shape that the library does not know
            return None

    def one(self, stored: bytes) -> object | None:
        """Return the fact of bytes that are exactly what writing it gives, or None in doubt.

        That is the proof that nothing was overlooked: a field too many or twice, another spelling.
        """
        try:
            fact: object = self.decoder.decode(stored)
            return fact if _ENCODER.encode(fact) == stored else None
        except _DOUBTS:
            return None

    def all(self, stored: Sequence[bytes]) -> Sequence[object] | None:
        """Return the fact of each without that proof, or None in doubt about one of them."""
        try:
            return list(map(self.decoder.decode, stored))
        except _DOUBTS:
            return None


def _holds(hint: Any, wanted: type) -> bool:
    if isinstance(hint, NewType):
        return _holds(hint.__supertype__, wanted)
    if is_dataclass(hint):
        return any(_holds(field, wanted) for field in get_type_hints(hint).values())
    return hint is wanted or any(_holds(part, wanted) for part in get_args(hint))
