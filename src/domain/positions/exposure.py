from dataclasses import dataclass

from domain.positions.aave_v3 import (
    average,
    burden_at,
    burden_of,
    counts_as_collateral,
    health_factor,
    limits_of,
    worth_of,
)
from domain.positions.law import Law
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
    law: Law

    @classmethod
    def of(cls, position: LendingPosition, asset: Address) -> "Exposure":
        """Take the position apart into this asset's leg and the others."""
        collateral = weighted = debt = 0
        law = position.law
        [own] = [leg for leg in position.legs if leg.reserve.asset == asset]
        for leg in position.legs:
            if leg is own:
                continue
            if counts_as_collateral(leg, law):
                worth = worth_of(leg.supplied, leg.reserve)
                collateral += worth
                weighted += worth * limits_of(leg.reserve, position.emode, law)[1]
            debt += burden_of(leg.debt, leg.reserve, law)
        return cls(
            reserve=own.reserve,
            supplied=own.supplied if counts_as_collateral(own, law) else 0,
            owed=own.debt,
            own_threshold=limits_of(own.reserve, position.emode, law)[1],
            collateral=collateral,
            weighted=weighted,
            debt=debt,
            law=law,
        )

    @property
    def steady(self) -> bool:
        """Say whether a lower price of this asset, as collateral alone, never heals the position.

        It can where the average threshold is floored to a basis point, for that may rise as the price falls.
        """
        return self.law.divides_once

    def liquidatable(self, price: int) -> bool:
        """Say whether anybody may liquidate at this price."""
        collateral, weighted, debt = self._totals(price)
        return self._below_one(collateral, weighted, debt)

    def comfortable(self, price: int) -> bool:
        """Say whether the position is safe even with an average threshold that is one basis point lower.

        Flooring takes less than that. So when the asset is collateral alone, no higher price is liquidatable.
        """
        collateral, weighted, debt = self._totals(price)
        return not self._below_one(collateral, weighted - collateral, debt)

    def threshold(self, price: int) -> int:
        """Return the average threshold at this price, as the contract floors it."""
        collateral, weighted, _ = self._totals(price)
        return average(weighted, collateral)

    def _below_one(self, collateral: int, weighted: int, debt: int) -> bool:
        health = health_factor(collateral, weighted, debt, self.law)
        return health is not None and health.liquidatable

    def _totals(self, price: int) -> tuple[int, int, int]:
        unit = 10**self.reserve.decimals
        worth = self.supplied * price // unit
        return (
            self.collateral + worth,
            self.weighted + worth * self.own_threshold,
            self.debt + burden_at(self.owed, price, unit, self.law),
        )
