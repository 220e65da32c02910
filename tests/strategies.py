"""Values that hypothesis may choose: everything that the domain accepts, the odd corners first."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from domain.identity.preferences import AlertThresholds, Channel, Preferences, RiskProfile, SignalType
from domain.positions.health import Account, HealthFactor
from domain.positions.position import Leg, LendingPosition, Protocol, Unread
from domain.positions.reserve import EMode, Reserve
from domain.shared.chain import Address, Block, ChainId

uint256s = st.integers(0, 2**256 - 1)
basis_points = st.integers(0, 65_535)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
times = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
pauses = st.timedeltas(timedelta(0), timedelta(days=2))
addresses = st.binary(min_size=20, max_size=20).map(lambda raw: Address("0x" + raw.hex()))
hashes = st.binary(min_size=32, max_size=32).map(lambda raw: "0x" + raw.hex())
blocks = st.builds(Block, st.integers(0, 2**63 - 1), hashes, times)


def decimals(least: str, most: str, places: int = 4) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(least), Decimal(most), places=places, allow_nan=False, allow_infinity=False)


@st.composite
def thresholds(draw: st.DrawFn) -> AlertThresholds:
    critical = draw(decimals("1", "3"))
    return AlertThresholds(
        health_factor_low=critical + draw(decimals("0.0001", "5")),
        health_factor_critical=critical,
        price_move=draw(decimals("0.005", "1")),
        clear_margin=draw(decimals("0", "0.5")),
    )


preferences = st.builds(
    Preferences,
    risk_profile=st.sampled_from(RiskProfile),
    alert_thresholds=thresholds(),
    active_signals=st.lists(st.sampled_from(SignalType), unique=True).map(tuple),
    notification_channels=st.lists(st.sampled_from(Channel), unique=True, min_size=1).map(tuple),
)

reserves = st.builds(
    Reserve,
    asset=addresses,
    symbol=words,
    decimals=st.integers(0, 255),
    price=uint256s,
    ltv=basis_points,
    liquidation_threshold=basis_points,
    liquidation_bonus=basis_points,
    emode=st.integers(0, 255),
)
legs = st.builds(
    Leg,
    reserve=reserves,
    supplied=uint256s,
    is_collateral=st.booleans(),
    variable_debt=uint256s,
    stable_debt=uint256s,
)
accounts = st.builds(
    Account,
    total_collateral=uint256s,
    total_debt=uint256s,
    ltv=basis_points,
    liquidation_threshold=basis_points,
    health_factor=st.none() | uint256s.map(HealthFactor),
)
emodes = st.builds(
    EMode,
    id=st.integers(1, 255),
    label=words,
    ltv=basis_points,
    liquidation_threshold=basis_points,
    liquidation_bonus=basis_points,
)
positions = st.builds(
    LendingPosition,
    wallet=addresses,
    chain_id=st.integers(1, 2**63 - 1).map(ChainId),
    protocol=st.sampled_from(Protocol),
    market=addresses,
    block=blocks,
    emode=st.none() | emodes,
    legs=st.lists(legs, max_size=4).map(tuple),
    account=accounts,
)
"""Anything that can be written down; not what any contract would say."""

unreads = st.builds(Unread, addresses, words)
