from datetime import datetime
from random import Random

from domain.shared.ids import Id, id_of


def random_id(chance: Random) -> Id:
    """Return an id as if derived from what it stands for (version 8)."""
    return id_of(chance.getrandbits(128) & ~(0xF << 76) & ~(0x3 << 62) | 8 << 76 | 2 << 62)


def ordered_id(chance: Random, at: datetime) -> Id:
    """Return an id that sorts by the time of its making (version 7)."""
    milliseconds = int(at.timestamp() * 1000)
    return id_of(
        milliseconds << 80 | 7 << 76 | chance.getrandbits(12) << 64 | 2 << 62 | chance.getrandbits(62)
    )
