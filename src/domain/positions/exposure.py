from dataclasses import dataclass

from domain.positions.aave_v3 import (
    average,
    counts_as_collateral,
    health_factor,
    limits_of,
    worth_of,
)
from domain.positions.position import LendingPosition
from domain.positions.reserve import Reserve
from domain.shared.chain import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """How a position's health depends on the price of one asset; the other legs are summed up once.

    `collateral`, `weighted` (by threshold) and `debt` are those of the other legs, in the base currency; `supplied`
    and `owed` this asset's, in its smallest unit, and `own_threshold` its liquidation threshold for this wallet.
    """

    reserve: Reserve
    supplied: int
    owed: int
    own_threshold: int
    collateral: int
    weighted: int
    debt: int

    @classmethod
    def of(cls, position: LendingPosition, asset: Address) -> "Exposure":
        """Take the position apart into this asset's leg and the others."""
        collateral = weighted = debt = 0
        [own] = [leg for leg in position.legs if leg.reserve.asset == asset]
        for leg in position.legs:
            if leg is own:
                continue
            if counts_as_collateral(leg):
                worth = worth_of(leg.supplied, leg.reserve)
                collateral += worth
                weighted += worth * limits_of(leg.reserve, position.emode)[1]
            debt += worth_of(leg.debt, leg.reserve)
        return cls(
            reserve=own.reserve,
            supplied=own.supplied if counts_as_collateral(own) else 0,
            owed=own.debt,
            own_threshold=limits_of(own.reserve, position.emode)[1],
            collateral=collateral,
            weighted=weighted,
            debt=debt,
        )

    def liquidatable(self, price: int) -> bool:
        """Say whether anybody may liquidate at this price."""
        return self._below_one(price, less=0)

    def comfortable(self, price: int) -> bool:
        """Say whether the position is safe even with an average threshold that is one basis point lower.

        Flooring takes less than that. So when the asset is collateral alone, no higher price is liquidatable.
        """
        return not self._below_one(price, less=1)

    def threshold(self, price: int) -> int:
        """Return the average threshold at this price, as the contract floors it."""
        return self._totals(price)[1]

    def _below_one(self, price: int, *, less: int) -> bool:
        collateral, threshold, debt = self._totals(price)
        health = health_factor(collateral, threshold - less, debt)
        return health is not None and health.liquidatable

    def _totals(self, price: int) -> tuple[int, int, int]:
        unit = 10**self.reserve.decimals
        worth = self.supplied * price // unit
        collateral = self.collateral + worth
        threshold = average(self.weighted + worth * self.own_threshold, collateral)
        return collateral, threshold, self.debt + self.owed * price // unit
