from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol, TypeAlias

from application.audit.replaying.row_difference import RowDifference
from application.shared.ports import Place
from domain.shared.ids import UserId
from domain.signals.rules import Rules
from domain.signals.subject import Subject
from domain.signals.watch import Watch


class MemoryKind(StrEnum):
    """What is kept beside the states because the next decision rests on it; rows that others refer to come first."""

    RULES = "rules"
    IN_FORCE = "rules in force"
    WATCH = "watch"
    STAKE = "stake"


OF_DETECTORS: Final = (MemoryKind.RULES, MemoryKind.IN_FORCE, MemoryKind.WATCH)
"""What stands where the detectors stand in the log; a stake is stored together with the fact that it rests on."""


@dataclass(frozen=True, slots=True)
class InForce:
    """Which version of a user's rules is in force."""

    user_id: UserId
    version: int


@dataclass(frozen=True, slots=True)
class Stake:
    """That a user's wallet was seen in a market; `gone_at` is the block's time when it was first not found any more."""

    subject: Subject
    gone_at: datetime | None


Memory: TypeAlias = Rules | InForce | Watch | Stake
"""A row of what is remembered."""

Key: TypeAlias = tuple[str, ...]
"""What identifies a memory among those of its kind, in the order of its table's primary key: first a user's id."""


def key_of(memory: Memory) -> Key:
    """Return a memory's key."""
    match memory:
        case Rules():
            return memory.user_id, str(memory.version)
        case InForce():
            return (memory.user_id,)
        case Watch():
            return _names(memory.subject)
        case Stake():
            user, chain, protocol, market, wallet = _names(memory.subject)
            return user, wallet, chain, protocol, market


def _names(subject: Subject) -> tuple[str, str, str, str, str]:
    chain, protocol = str(subject.chain_id), subject.protocol.value
    return subject.user_id, chain, protocol, subject.market, subject.wallet


class Remembered(Protocol):
    """What the reactions of a replay remember."""

    def all(self, kind: MemoryKind) -> Iterator[Memory]:
        """Go through every memory of a kind, a few at a time; nothing may be decided meanwhile."""
        ...

    def changed_at(self, kind: MemoryKind, key: Key) -> Place | None:
        """Return the place of the fact that changed a memory last; None if there is no such memory."""
        ...


class MemoryRows(Protocol):
    """Tables like those in which memories are stored, which hold what the log leads to."""

    async def followed(self, reaction: str) -> Place:
        """Return how far a reaction has followed the log, by the record beside what it remembers; 0 if not at all."""
        ...

    async def put(self, kind: MemoryKind, memories: Iterable[Memory]) -> None:
        """Put memories there."""
        ...

    async def stored(self, kind: MemoryKind, *, user: UserId | None) -> int:
        """Return how many rows of this kind (and user) are stored."""
        ...

    def differing(self, kind: MemoryKind, *, user: UserId | None) -> AsyncIterator[RowDifference]:
        """Compare the stored rows of a kind with these, in both directions, and return each that differs."""
        ...
