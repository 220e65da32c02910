from datetime import timedelta
from decimal import Decimal

from domain.identity.preferences import SignalType
from domain.positions.reserve import BASE_DECIMALS
from domain.shared.money import plain, scaled
from domain.signals.detectors.sight import MOMENT, Finding, Sight, detected, where
from domain.signals.events import Severity
from domain.signals.watch import PriceReference, Watch

PRICE_WINDOW = timedelta(hours=24)
"""A price move is measured within a day: after that the measuring starts anew."""


def price_move(watch: Watch, sight: Sight) -> tuple[Watch, tuple[Finding, ...]]:
    """Find an asset of the position whose price has moved by the user's share since it was last measured from.

    The first sight of an asset, a signal, and the end of the window each start the measuring anew.
    """
    findings: tuple[Finding, ...] = ()
    for leg in sight.position.legs:
        asset, price = leg.reserve.asset, leg.reserve.price
        known = watch.reference(asset)
        if known is None or known.price == 0 or sight.at - known.since >= PRICE_WINDOW:
            watch = watch.measuring_from(PriceReference(asset, price, sight.at))
            continue
        share = Decimal(price - known.price) / Decimal(known.price)
        if abs(share) < sight.rules.thresholds.price_move:
            continue
        watch = watch.measuring_from(PriceReference(asset, price, sight.at))
        if SignalType.PRICE_MOVE in sight.rules.active:
            data = {
                "price": plain(scaled(price, BASE_DECIMALS)),
                "price_before": plain(scaled(known.price, BASE_DECIMALS)),
                "since": known.since.isoformat(),
                "move": plain(Decimal(f"{share:.4f}")),
                "threshold": plain(sight.rules.thresholds.price_move),
                **where(sight),
            }
            moved = detected(
                watch.subject,
                type=SignalType.PRICE_MOVE,
                asset=leg.reserve.symbol,
                severity=Severity.MEDIUM,
                data=data,
                rule_version=sight.rules.version,
                source=sight.source,
                at=sight.at,
                expires_at=sight.at + MOMENT,
                which=asset,
            )
            findings += (moved,)
    return watch, findings
