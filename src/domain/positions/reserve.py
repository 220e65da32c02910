from dataclasses import dataclass

from domain.shared.chain import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """One asset of a lending market as its contracts described it at one block.

    `price` counts the market's base currency (`BASE_DECIMALS` digits); `ltv`, `liquidation_threshold` and
    `liquidation_bonus` are basis points (10,000 is the whole). The price is the one that applies to the wallet:
    inside an e-mode with a price source of its own, that source's.
    """

    asset: Address
    symbol: str
    decimals: int
    price: int
    ltv: int
    liquidation_threshold: int
    liquidation_bonus: int
    emode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EMode:
    """An efficiency mode: looser limits for assets that move together. Basis points, as in `Reserve`."""

    id: int
    label: str
    ltv: int
    liquidation_threshold: int
    liquidation_bonus: int


BASE_DECIMALS = 8
"""Digits of the base currency (US dollar) in Aave v3's oracle and account data."""
