from decimal import Decimal

from domain.identity.preferences import SignalType
from domain.shared.money import plain
from domain.signals.detectors.sight import Finding, Sight, detected, where
from domain.signals.events import Severity, SignalCleared
from domain.signals.watch import Episode, Watch


def health_factor_critical(watch: Watch, sight: Sight) -> tuple[Watch, tuple[Finding, ...]]:
    """Find a health factor below the user's critical threshold: liquidation is near or possible."""
    threshold = sight.rules.thresholds.health_factor_critical
    return _health_factor(watch, sight, SignalType.HEALTH_FACTOR_CRITICAL, threshold, Severity.CRITICAL)


def health_factor_low(watch: Watch, sight: Sight) -> tuple[Watch, tuple[Finding, ...]]:
    """Find a health factor below the user's first threshold: there is time to act."""
    threshold = sight.rules.thresholds.health_factor_low
    return _health_factor(watch, sight, SignalType.HEALTH_FACTOR_LOW, threshold, Severity.HIGH)


def _health_factor(
    watch: Watch, sight: Sight, type: SignalType, threshold: Decimal, severity: Severity
) -> tuple[Watch, tuple[Finding, ...]]:
    standing = watch.episode(type)
    health = sight.position.health_factor
    wanted = type in sight.rules.active
    if standing is None:
        if not wanted or health is None or health.value >= threshold:
            return watch, ()
        data = {"health_factor": f"{health.value:f}", "threshold": plain(threshold), **where(sight)}
        asset = "+".join(leg.reserve.symbol for leg in sight.position.collaterals())
        found = detected(
            watch.subject,
            type=type,
            asset=asset,
            severity=severity,
            data=data,
            rule_version=sight.rules.version,
            source=sight.source,
            at=sight.at,
        )
        return watch.opened(Episode(type, found.signal_id)), (found,)
    clears_at = threshold * (1 + sight.rules.thresholds.clear_margin)
    if wanted and health is not None and health.value < clears_at:
        return watch, ()
    cleared = SignalCleared(
        signal_id=standing.signal_id,
        user_id=watch.subject.user_id,
        data={
            "health_factor": "none" if health is None else f"{health.value:f}",
            "threshold": plain(threshold),
            "clears_at": plain(clears_at),
            **({} if wanted else {"reason": "switched_off"}),
            **where(sight),
        },
        source=sight.source,
        at=sight.at,
    )
    return watch.closed(type), (cleared,)
