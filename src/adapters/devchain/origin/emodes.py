from collections.abc import Mapping
from dataclasses import dataclass

from adapters.devchain.batch import Batch
from domain.shared.chain import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class NamingEmode:
    """An efficiency mode that names its reserves by symbol, as since v3.2; basis points, the bonus above 10,000."""

    id: int
    label: str
    ltv: int
    threshold: int
    bonus: int
    collateral: tuple[str, ...]
    borrowable: tuple[str, ...]


STAKED_ETHER = NamingEmode(
    id=1,
    label="ETH correlated",
    ltv=9_000,
    threshold=9_300,
    bonus=10_100,
    collateral=("WETH", "wstETH"),
    borrowable=("WETH",),
)
DOLLARS = NamingEmode(
    id=2,
    label="Dollars",
    ltv=9_150,
    threshold=9_400,
    bonus=10_200,
    collateral=("wstETH", "DAI", "sUSDe"),
    borrowable=("USDC", "DAI"),
)


def list_emodes(
    batch: Batch, configurator: Address, emodes: tuple[NamingEmode, ...], tokens: Mapping[str, Address]
) -> None:
    """Add the e-modes with the reserves that each accepts."""
    for one in emodes:
        batch.call(
            configurator,
            "setEModeCategory(uint8,uint16,uint16,uint16,string)",
            *(one.id, one.ltv, one.threshold, one.bonus, one.label),
        )
        for function, symbols in (
            ("setAssetCollateralInEMode", one.collateral),
            ("setAssetBorrowableInEMode", one.borrowable),
        ):
            for symbol in symbols:
                batch.call(configurator, f"{function}(address,uint8,bool)", tokens[symbol], one.id, True)
