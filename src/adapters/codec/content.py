from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from adapters.codec.ids import packed
from adapters.codec.leaves import Entry


@dataclass(slots=True)
class Content:
    """The fingerprint of what an append's key stands for: the same facts in the same places of the same streams."""

    _digest: Any = field(default_factory=sha256)

    def add(self, entries: Iterable[Entry]) -> None:
        """Go on with the next facts."""
        update = self._digest.update
        for entry in entries:
            head = (packed(entry.stream_id), entry.version, entry.type.encode(), len(entry.payload))
            update(b"%b%d %b %d " % head + entry.payload)

    def digest(self) -> bytes:
        """Return the fingerprint of all facts so far."""
        found: bytes = self._digest.digest()
        return found


def content_of(entries: Iterable[Entry]) -> bytes:
    """Return the fingerprint of these facts."""
    content = Content()
    content.add(entries)
    return content.digest()
