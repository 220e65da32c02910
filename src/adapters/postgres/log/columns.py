from collections.abc import Sequence

from adapters.codec.leaves import Entry
from adapters.postgres.log.packed import Texts, bigints, byteas, integers, texts, uuids


def columns(entries: Sequence[Entry]) -> tuple[list[object], Texts]:
    """Return the facts as the log's functions take them, an array for each column, and the types that they number."""
    kinds: dict[str, int] = {}
    arrays: list[object] = [
        uuids([entry.event_id for entry in entries]),
        uuids([entry.stream_id for entry in entries]),
        bigints([entry.version for entry in entries]),
        integers([kinds.setdefault(entry.type, len(kinds) + 1) for entry in entries]),
        uuids([entry.user_id for entry in entries]),
        byteas([entry.payload for entry in entries]),
        byteas([entry.fingerprint for entry in entries]),
    ]
    return arrays, texts(list(kinds))
