import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from adapters.codec.leaves import Entry
from adapters.postgres.log.append import Append
from application.shared.ports import Place
from domain.shared.ids import Id

Encoded: TypeAlias = tuple[str, bytes, Id | None]
"""A fact's stored name and bytes, and whose it is."""


@dataclass(slots=True, eq=False)
class Waiting:
    """One caller's append, and what that caller waits for; without a key it is known again by its events' ids."""

    stream: Id
    expected: int
    facts: Sequence[Encoded]
    event_ids: Sequence[Id]
    key: Id | None
    fingerprint: bytes | None
    correlation: Id | None
    size: int
    written: "asyncio.Future[Place]"

    def append(self, at: datetime) -> Append:
        """Return what is sent for it when its commit is made."""
        entries = [
            Entry(
                event_id=event_id,
                stream_id=self.stream,
                version=version,
                type=name,
                user_id=user_id,
                correlation_id=self.correlation,
                recorded_at=at,
                payload=payload,
            )
            for version, (event_id, (name, payload, user_id)) in enumerate(
                zip(self.event_ids, self.facts, strict=True), start=self.expected + 1
            )
        ]
        return Append(entries, self.key, self.fingerprint)

    def settle(self, outcome: Place | Exception) -> None:
        """Tell the caller, unless that one has given up."""
        if self.written.done():
            return
        if isinstance(outcome, Exception):
            self.written.set_exception(outcome)
        else:
            self.written.set_result(outcome)
