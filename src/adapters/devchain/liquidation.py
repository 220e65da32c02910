from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from adapters.devchain.aave_market import AaveMarket
from adapters.devchain.abi import decoded, topic
from adapters.devchain.transaction import Log, Receipt
from domain.shared.chain import Address, address

_TOPIC = topic("LiquidationCall(address,address,address,uint256,uint256,address,bool)")


@dataclass(frozen=True, slots=True, kw_only=True)
class LiquidationCall:
    """The pool's own event of that name; amounts are whole tokens."""

    victim: Address
    liquidator: Address
    collateral: str
    debt: str
    collateral_taken: Decimal
    debt_covered: Decimal
    transaction: str


def liquidations_in(receipts: Iterable[Receipt], market: AaveMarket) -> list[LiquidationCall]:
    """Return the liquidations on this market among the logs of the receipts."""
    return [
        _of(log, receipt, market)
        for receipt in receipts
        for log in receipt.logs
        if log.address == market.pool and log.topics[0] == _TOPIC
    ]


def _of(log: Log, receipt: Receipt, market: AaveMarket) -> LiquidationCall:
    collateral, debt, victim = (address(f"0x{one[-40:]}") for one in log.topics[1:])
    covered, taken, liquidator, _ = decoded(("uint256", "uint256", "address", "bool"), log.data)
    owned, owed = market.symbol_of(collateral), market.symbol_of(debt)
    return LiquidationCall(
        victim=victim,
        liquidator=address(liquidator),
        collateral=owned,
        debt=owed,
        collateral_taken=market.whole(owned, taken),
        debt_covered=market.whole(owed, covered),
        transaction=receipt.hash,
    )
