import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from application.shared.ports import Place
from domain.alerts.alert import Alert
from domain.alerts.delivery import Delivery
from domain.intents.states import Intent
from domain.positions.events import PositionLiquidated
from domain.positions.position import LendingPosition
from domain.signals.rules import Rules
from domain.signals.signal import Signal

Figures: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values in the order in which they read best; a name may come twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened, in a sentence, with the figures by which it can be checked.

    `place` is None when the fact belongs to others as well, and the asker may therefore not see it in the log.
    """

    at: datetime
    place: Place | None
    what: str
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class InputUsed:
    """One figure that a decision rests on: where it came from, of when it is, and how old it was when it was used.

    Both are None where the record does not say.
    """

    name: str
    value: str
    source: str
    as_of: datetime | None
    age: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVerdict:
    """What a policy says when it is asked again: `agrees` is None where it looks at what is not on record."""

    policy: str
    agrees: bool | None
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remade:
    """A recorded decision beside the one that its inputs lead to; None when they lead to none, or are not there."""

    type: str
    recorded: bytes
    remade: bytes | None

    @property
    def recorded_sha256(self) -> str:
        """The recorded bytes' hash, in hexadecimal."""
        return hashlib.sha256(self.recorded).hexdigest()

    @property
    def remade_sha256(self) -> str | None:
        """The remade bytes' hash, in hexadecimal."""
        return None if self.remade is None else hashlib.sha256(self.remade).hexdigest()

    @property
    def reproduced(self) -> bool:
        """Say whether both are the same, byte for byte."""
        return self.recorded == self.remade


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why an alert fired and what became of it, told from the log alone.

    `obstacle` says what keeps the decisions from being made again: an input that is missing or was tampered with.
    """

    alert: Alert
    signal: Signal
    rules: Rules | None
    deliveries: tuple[Delivery, ...]
    steps: tuple[Step, ...]
    remade: tuple[Remade, ...]
    obstacle: str | None
    decided_at: datetime
    inputs: tuple[InputUsed, ...]
    seen: LendingPosition | PositionLiquidated | None

    @property
    def reproduced(self) -> bool:
        """Say whether every decision behind the alert comes out again, byte for byte."""
        return all(one.reproduced for one in self.remade)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentExplanation:
    """What a user said beforehand and what became of it, told from the log alone; see `Explanation`."""

    intent: Intent
    steps: tuple[Step, ...]
    policies: tuple[PolicyVerdict, ...]
    remade: tuple[Remade, ...]
    obstacle: str | None
    seen: LendingPosition | PositionLiquidated | None

    @property
    def reproduced(self) -> bool:
        """Say whether no policy refuses, and every decision comes out again, byte for byte."""
        return all(one.agrees is not False for one in self.policies) and all(
            one.reproduced for one in self.remade
        )
