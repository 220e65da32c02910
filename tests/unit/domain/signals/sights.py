from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from tests.examples import AT, USD, position, subject, user_id

from domain.identity.preferences import AlertThresholds, Channel, SignalType
from domain.signals.detectors.catalogue import detect
from domain.signals.detectors.sight import Finding, Sight
from domain.signals.rules import Rules
from domain.signals.watch import Watch

FRESH = Watch(subject=subject())


def rules(
    *,
    low: str = "1.5",
    critical: str = "1.15",
    move: str = "0.1",
    margin: str = "0.02",
    active: Sequence[SignalType] = tuple(SignalType),
) -> Rules:
    return Rules(
        user_id=user_id("ada"),
        version=3,
        thresholds=AlertThresholds(
            health_factor_low=Decimal(low),
            health_factor_critical=Decimal(critical),
            price_move=Decimal(move),
            clear_margin=Decimal(margin),
        ),
        active=tuple(active),
        channels=(Channel.IN_APP,),
    )


def sight(
    *,
    debt: int = 1000,
    eth: int = 2000,
    by: Rules | None = None,
    at: datetime = AT,
    number: int = 1,
) -> Sight:
    """One WETH at this price against so many USDC: the health factor is 0.825 * eth / debt."""
    return Sight(
        position=position(eth_price=eth * USD, debt=debt * 10**6),
        rules=by or rules(),
        source=f"00000000-0000-0000-0000-000000000000@{number}",
        at=at,
    )


def debt_for(health_factor: str) -> int:
    """Return the debt that gives one WETH at 2000 dollars this health factor, or a little less."""
    return int(Decimal(1650) / Decimal(health_factor)) + 1


def watched(*debts: int, by: Rules | None = None) -> tuple[Watch, list[Finding]]:
    """See the position with one debt after another, and return all that was found."""
    watch, findings = FRESH, list[Finding]()
    for number, debt in enumerate(debts, start=1):
        at = AT + timedelta(minutes=number)
        watch, found = detect(watch, sight(debt=debt, by=by, at=at, number=number))
        findings += found
    return watch, findings
