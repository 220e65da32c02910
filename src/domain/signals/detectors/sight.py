from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from domain.identity.preferences import SignalType
from domain.positions.position import LendingPosition
from domain.shared.ids import SignalId, derived
from domain.signals.events import Severity, SignalCleared, SignalDetected
from domain.signals.rules import Rules
from domain.signals.subject import Subject
from domain.signals.watch import Watch

MOMENT = timedelta(hours=24)
"""How long a signal that tells of a moment (a price move, a liquidation) stays active."""

Finding: TypeAlias = SignalDetected | SignalCleared


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One position as one fact of the log showed it, with the rules in force and the time of the observation."""

    position: LendingPosition
    rules: Rules
    source: str
    at: datetime


Detector: TypeAlias = Callable[[Watch, Sight], tuple[Watch, tuple[Finding, ...]]]


def where(sight: Sight) -> dict[str, str]:
    """Name the block of a sight, so that whoever reads the figures can check them."""
    block = sight.position.block
    return {"block_number": str(block.number), "block_hash": block.hash, "block_time": block.time.isoformat()}


def detected(
    subject: Subject,
    *,
    type: SignalType,
    asset: str,
    severity: Severity,
    data: dict[str, str],
    rule_version: int,
    source: str,
    at: datetime,
    expires_at: datetime | None = None,
    which: str = "",
) -> SignalDetected:
    """Make the fact; its id follows from subject, type and source, the same on every replay.

    `which` tells apart signals of one type that one source gives rise to: symbols are not unique, addresses are.
    """
    return SignalDetected(
        signal_id=SignalId(derived("signal", subject, type, which, source)),
        user_id=subject.user_id,
        subject=subject,
        type=type,
        asset=asset,
        severity=severity,
        data=data,
        rule_version=rule_version,
        source=source,
        at=at,
        expires_at=expires_at,
    )
