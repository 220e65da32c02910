from domain.identity.preferences import SignalType
from domain.positions.events import PositionLiquidated
from domain.shared.money import plain
from domain.signals.detectors.sight import MOMENT, Finding, detected
from domain.signals.events import Severity
from domain.signals.rules import Rules
from domain.signals.subject import Subject


def position_liquidated(
    subject: Subject, fact: PositionLiquidated, rules: Rules, source: str
) -> tuple[Finding, ...]:
    """Turn a liquidation that the market's log tells of into a signal; it cannot clear, only grow old."""
    if SignalType.POSITION_LIQUIDATED not in rules.active:
        return ()
    told = fact.liquidation
    data = {
        "collateral_asset": told.collateral_symbol,
        "collateral_seized": plain(told.collateral_seized),
        "debt_asset": told.debt_symbol,
        "debt_covered": plain(told.debt_covered),
        "liquidator": told.liquidator,
        "transaction_hash": told.transaction_hash,
        "block_number": str(told.block_number),
        "block_hash": told.block_hash,
    }
    finding = detected(
        subject,
        type=SignalType.POSITION_LIQUIDATED,
        asset=told.collateral_symbol,
        severity=Severity.CRITICAL,
        data=data,
        rule_version=rules.version,
        source=source,
        at=fact.at,
        expires_at=fact.at + MOMENT,
    )
    return (finding,)
