from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class EmodeCategory:
    """An efficiency mode to set up; basis points, the bonus above 10,000.

    `price` gives the category a price source of its own, in US dollars, which then replaces its assets' own.
    """

    id: int
    label: str
    ltv: int
    threshold: int
    bonus: int
    price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveSpec:
    """An asset to list; ltv, threshold, bonus and reserve factor are basis points, the price US dollars.

    `liquidity`, in whole tokens, is supplied by the treasury so that there is something to borrow.
    """

    symbol: str
    name: str
    decimals: int
    price: Decimal
    ltv: int
    threshold: int
    bonus: int
    liquidity: Decimal
    emode: int = 0
    reserve_factor: int = 1_000
    stable_borrowing: bool = False


ETH_CORRELATED = EmodeCategory(id=1, label="ETH correlated", ltv=9_000, threshold=9_300, bonus=10_100)
STABLECOINS = EmodeCategory(
    id=2, label="Stablecoins", ltv=9_300, threshold=9_500, bonus=10_100, price=Decimal("1.00000000")
)

WETH = ReserveSpec(
    symbol="WETH",
    name="Wrapped Ether",
    decimals=18,
    price=Decimal(2_500),
    ltv=8_000,
    threshold=8_250,
    bonus=10_500,
    liquidity=Decimal(100_000),
    emode=ETH_CORRELATED.id,
)
WBTC = ReserveSpec(
    symbol="WBTC",
    name="Wrapped BTC",
    decimals=8,
    price=Decimal(60_000),
    ltv=7_000,
    threshold=7_500,
    bonus=11_000,
    liquidity=Decimal(10_000),
)
USDC = ReserveSpec(
    symbol="USDC",
    name="USD Coin",
    decimals=6,
    price=Decimal(1),
    ltv=7_700,
    threshold=8_000,
    bonus=10_500,
    liquidity=Decimal(1_000_000_000),
    stable_borrowing=True,
)
WSTETH = ReserveSpec(
    symbol="wstETH",
    name="Wrapped liquid staked Ether",
    decimals=18,
    price=Decimal("2911.52430187"),
    ltv=7_850,
    threshold=8_100,
    bonus=10_600,
    liquidity=Decimal(50_000),
    emode=ETH_CORRELATED.id,
)
DAI = ReserveSpec(
    symbol="DAI",
    name="Dai",
    decimals=18,
    price=Decimal("0.99983417"),
    ltv=7_700,
    threshold=8_000,
    bonus=10_400,
    liquidity=Decimal(500_000_000),
    emode=STABLECOINS.id,
    stable_borrowing=True,
)

THREE_RESERVES = (WETH, WBTC, USDC)
FIVE_RESERVES = (*THREE_RESERVES, WSTETH, DAI)
