from collections.abc import Sequence

from adapters.codec.errors import UnknownFact, UnreadableFact
from adapters.codec.events import decode, decode_all


def decode_at(name: str, stored: bytes, place: int) -> object:
    """Return the fact as `decode` does; what is wrong with it is said with its position."""
    try:
        return decode(name, stored)
    except (UnknownFact, UnreadableFact) as wrong:
        raise wrong.at(place) from None


def decode_all_at(name: str, payloads: Sequence[bytes], places: Sequence[int]) -> Sequence[object]:
    """Return the facts as `decode_all` does; what is wrong with the first bad one is said with its position."""
    try:
        return decode_all(name, payloads)
    except (UnknownFact, UnreadableFact):
        for stored, place in zip(payloads, places, strict=True):
            try:
                decode_all(name, [stored])
            except (UnknownFact, UnreadableFact) as wrong:
                raise wrong.at(place) from None
        raise
