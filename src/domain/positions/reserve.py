from dataclasses import dataclass

from domain.shared.chain import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """One asset of a lending market as its contracts described it at one block.

    `price` counts the market's base currency (`BASE_DECIMALS` digits); `ltv`, `liquidation_threshold` and
    `liquidation_bonus` are basis points (10,000 is the whole). The price is the one that applies to the wallet:
    inside an e-mode with a price source of its own, that source's. `emode` is the e-mode whose limits the reserve
    takes on as collateral: under `Law.V3_0` the one that it belongs to, later the wallet's own where that accepts
    it, else zero; `lends_in_emode` is False where that e-mode names it as lending nothing (since v3.6).
    """

    asset: Address
    symbol: str
    decimals: int
    price: int
    ltv: int
    liquidation_threshold: int
    liquidation_bonus: int
    emode: int
    lends_in_emode: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EMode:
    """An efficiency mode: looser limits for assets that move together. Basis points, as in `Reserve`.

    In an `isolated` one (since v3.7) nothing lends but what it accepts as collateral.
    """

    id: int
    label: str
    ltv: int
    liquidation_threshold: int
    liquidation_bonus: int
    isolated: bool = False


BASE_DECIMALS = 8
"""Digits of the base currency (US dollar) in Aave v3's oracle and account data."""
