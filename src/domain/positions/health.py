from dataclasses import dataclass
from decimal import Decimal

from domain.shared.money import scaled

WAD = 10**18


@dataclass(frozen=True, slots=True, order=True)
class HealthFactor:
    """Risk-weighted collateral over debt, in 1e-18 as contracts count it: below one, anybody may liquidate."""

    wad: int

    @property
    def value(self) -> Decimal:
        """The factor as an exact decimal with eighteen digits."""
        return scaled(self.wad, 18)

    @property
    def liquidatable(self) -> bool:
        """Say whether the position may be liquidated now."""
        return self.wad < WAD

    def __str__(self) -> str:
        """Round down to four digits, so that a sentence never claims more safety than there is."""
        return f"{self.wad // WAD}.{self.wad % WAD // 10**14:04d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A wallet's totals in one market: amounts in the base currency, the two averages in basis points.

    `health_factor` is None without debt: there is nothing to divide by and nothing to fear.
    """

    total_collateral: int
    total_debt: int
    ltv: int
    liquidation_threshold: int
    health_factor: HealthFactor | None
