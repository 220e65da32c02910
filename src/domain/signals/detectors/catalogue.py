from datetime import datetime

from domain.signals.detectors.health_factor import health_factor_critical, health_factor_low
from domain.signals.detectors.price_move import price_move
from domain.signals.detectors.sight import Detector, Finding, Sight
from domain.signals.events import SignalCleared
from domain.signals.watch import Watch

CATALOGUE: tuple[Detector, ...] = (health_factor_critical, health_factor_low, price_move)


def detect(watch: Watch, sight: Sight) -> tuple[Watch, tuple[Finding, ...]]:
    """Run the whole catalogue over one sight: pure, so that replay decides the same, byte for byte.

    The graver condition is found first, so that whoever reads the findings in order meets it first.
    """
    findings: tuple[Finding, ...] = ()
    for detector in CATALOGUE:
        watch, found = detector(watch, sight)
        findings += found
    return watch, findings


def closed_with(watch: Watch, reason: str, source: str, at: datetime) -> tuple[Watch, tuple[Finding, ...]]:
    """End every standing episode of a subject that is no more: the wallet left, or is watched no longer."""
    cleared = tuple(
        SignalCleared(
            signal_id=episode.signal_id,
            user_id=watch.subject.user_id,
            data={"health_factor": "none", "reason": reason},
            source=source,
            at=at,
        )
        for episode in watch.episodes
    )
    return Watch(subject=watch.subject), cleared
