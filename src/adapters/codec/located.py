from adapters.codec.errors import UnknownFact, UnreadableFact
from adapters.codec.events import decode


def decode_at(name: str, stored: bytes, place: int) -> object:
    """Return the fact as `decode` does; what is wrong with it is said with its position."""
    try:
        return decode(name, stored)
    except (UnknownFact, UnreadableFact) as wrong:
        raise wrong.at(place) from None
