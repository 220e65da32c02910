from decimal import Decimal

from adapters.devchain.reserves import FIVE_RESERVES, ReserveSpec

SUSDE = ReserveSpec(
    symbol="sUSDe",
    name="Staked dollar, collateral inside an e-mode only",
    decimals=18,
    price=Decimal("1.18734562"),
    ltv=0,
    threshold=0,
    bonus=0,
    liquidity=Decimal(100_000_000),
)

SIX_RESERVES = (*FIVE_RESERVES, SUSDE)
