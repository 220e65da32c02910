from decimal import Decimal

from tests.examples import AT, CHAIN, MARKET, subject, user_id, wallet
from tests.unit.domain.signals.sights import rules

from domain.identity.preferences import SignalType
from domain.positions.events import PositionLiquidated
from domain.positions.observation import Liquidation
from domain.positions.position import Protocol
from domain.signals.detectors.liquidation import position_liquidated
from domain.signals.detectors.sight import MOMENT
from domain.signals.events import Severity, SignalDetected

FACT = PositionLiquidated(
    user_id=user_id("ada"),
    liquidation=Liquidation(
        wallet=wallet("ada"),
        chain_id=CHAIN,
        protocol=Protocol.AAVE_V3,
        market=MARKET,
        block_number=7,
        block_hash="0x07",
        transaction_hash="0x08",
        log_index=0,
        liquidator=wallet("liquidator"),
        collateral_asset=wallet("asset WETH"),
        collateral_symbol="WETH",
        collateral_seized=Decimal("0.500000000000000000"),
        debt_asset=wallet("asset USDC"),
        debt_symbol="USDC",
        debt_covered=Decimal("1000.000000"),
    ),
    at=AT,
)


def test_a_liquidation_is_a_critical_signal_that_tells_every_figure() -> None:
    [found] = position_liquidated(subject(), FACT, rules(), "x@1")
    assert isinstance(found, SignalDetected)
    assert (found.type, found.severity) == (SignalType.POSITION_LIQUIDATED, Severity.CRITICAL)
    assert (found.data["collateral_seized"], found.data["debt_covered"]) == ("0.5", "1000")
    assert found.data["transaction_hash"] == "0x08"


def test_a_liquidation_cannot_clear_only_grow_old() -> None:
    [found] = position_liquidated(subject(), FACT, rules(), "x@1")
    assert isinstance(found, SignalDetected)
    assert found.expires_at == AT + MOMENT


def test_two_liquidations_are_two_signals() -> None:
    [one] = position_liquidated(subject(), FACT, rules(), "x@1")
    [other] = position_liquidated(subject(), FACT, rules(), "x@2")
    assert one.signal_id != other.signal_id


def test_who_does_not_ask_is_not_told() -> None:
    assert position_liquidated(subject(), FACT, rules(active=()), "x@1") == ()
