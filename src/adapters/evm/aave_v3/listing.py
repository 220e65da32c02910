from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from adapters.evm.aave_v3 import contracts
from adapters.evm.aave_v3.codec import NOBODY, Configuration, address_in, emode, word
from adapters.evm.calldata import Call, Template, call
from domain.shared.chain import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What does not change about a reserve: its place in the users' bit fields and its tokens."""

    id: int
    asset: Address
    symbol: str
    a_token: Template
    variable_debt: Template
    stable_debt: Template | None
    tokens: tuple[Address, Address, Address]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A market's shape, which outlives blocks: addresses, reserves, e-modes with the price source each may have."""

    provider: Address
    pool: Address
    oracle: Address
    assets: tuple[Address, ...]
    reserves: tuple[Listed, ...]
    emodes: Mapping[int, Address]
    user_configuration: Template
    account_data: Template
    user_emode: Template
    questions: tuple[Call, ...] = field(repr=False)
    """What to ask, at every block, to learn its prices and configuration, and whether the shape still holds."""

    @classmethod
    def of(
        cls,
        *,
        provider: Address,
        pool: Address,
        oracle: Address,
        assets: tuple[Address, ...],
        reserves: Sequence[Listed],
        emodes: Mapping[int, Address],
    ) -> "Listing":
        """Prepare the calls that every reading repeats."""
        return cls(
            provider=provider,
            pool=pool,
            oracle=oracle,
            assets=assets,
            reserves=tuple(reserves),
            emodes=dict(emodes),
            user_configuration=Template.of(pool, contracts.GET_USER_CONFIGURATION),
            account_data=Template.of(pool, contracts.GET_USER_ACCOUNT_DATA),
            user_emode=Template.of(pool, contracts.GET_USER_EMODE),
            questions=tuple(_questions(provider, pool, oracle, [one.asset for one in reserves], emodes)),
        )

    def with_emodes(self, found: Mapping[int, Address]) -> "Listing":
        """Return the listing that asks for these e-modes too."""
        return Listing.of(
            provider=self.provider,
            pool=self.pool,
            oracle=self.oracle,
            assets=self.assets,
            reserves=self.reserves,
            emodes={**self.emodes, **found},
        )


def listed(asset: Address, symbol: str, reserve_data: bytes) -> Listed:
    """Return the reserve that `getReserveData` describes; ValueError where it describes none."""
    a_token, stable, variable = tokens_of(reserve_data)
    balance = contracts.BALANCE_OF
    return Listed(
        id=word(reserve_data, 7),
        asset=asset,
        symbol=symbol,
        a_token=Template.of(a_token, balance),
        variable_debt=Template.of(variable, balance),
        stable_debt=None if stable == NOBODY else Template.of(stable, balance),
        tokens=(a_token, stable, variable),
    )


def tokens_of(reserve_data: bytes) -> tuple[Address, Address, Address]:
    """Return aToken, stable and variable debt token from `getReserveData`."""
    return address_in(reserve_data, 8), address_in(reserve_data, 9), address_in(reserve_data, 10)


def emodes_of(reserve_data: Iterable[bytes]) -> set[int]:
    """Return the e-modes that reserves belong to."""
    return {Configuration.of(word(each)).emode for each in reserve_data} - {0}


def emode_data(pool: Address, id: int) -> Call:
    """Return the call that describes an e-mode."""
    return call(pool, contracts.GET_EMODE_CATEGORY_DATA + f"{id:064x}")


def price_source(answer: bytes | None) -> Address:
    """Return the price source of an e-mode, nobody where it has none or could not be read."""
    try:
        return NOBODY if answer is None else emode(answer, 0)[1]
    except ValueError:
        return NOBODY


def _questions(
    provider: Address,
    pool: Address,
    oracle: Address,
    assets: Sequence[Address],
    emodes: Mapping[int, Address],
) -> Iterable[Call]:
    data = Template.of(pool, contracts.GET_RESERVE_DATA)
    price = Template.of(oracle, contracts.GET_ASSET_PRICE)
    yield call(provider, contracts.GET_PRICE_ORACLE)
    yield call(pool, contracts.GET_RESERVES_LIST)
    yield from (data.on(asset) for asset in assets)
    yield from (price.on(asset) for asset in assets)
    yield from (emode_data(pool, id_) for id_ in emodes)
    yield from (price.on(source) for source in emodes.values() if source != NOBODY)
