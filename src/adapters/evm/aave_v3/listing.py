from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from adapters.evm.aave_v3 import contracts
from adapters.evm.aave_v3.codec import NOBODY, address_in, word
from adapters.evm.aave_v3.emodes import emode_questions
from adapters.evm.calldata import Call, Template, call
from domain.positions.law import Law
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
    """A market's shape, which outlives blocks: addresses, reserves, e-modes with the price source each may have.

    `revision` is the pool's own, None where it did not tell; `law` is None for one that Plimsoll does not know.
    """

    revision: int | None
    law: Law | None
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
        revision: int | None,
        provider: Address,
        pool: Address,
        oracle: Address,
        assets: tuple[Address, ...],
        reserves: Sequence[Listed],
        emodes: Mapping[int, Address],
    ) -> "Listing":
        """Prepare the calls that every reading repeats."""
        law = law_of(revision)
        return cls(
            revision=revision,
            law=law,
            provider=provider,
            pool=pool,
            oracle=oracle,
            assets=assets,
            reserves=tuple(reserves),
            emodes=dict(emodes),
            user_configuration=Template.of(pool, contracts.GET_USER_CONFIGURATION),
            account_data=Template.of(pool, contracts.GET_USER_ACCOUNT_DATA),
            user_emode=Template.of(pool, contracts.GET_USER_EMODE),
            questions=tuple(
                _questions(provider, pool, oracle, [one.asset for one in reserves], emodes=emodes, law=law)
            ),
        )

    def with_emodes(self, found: Mapping[int, Address]) -> "Listing":
        """Return the listing that asks for these e-modes too."""
        return Listing.of(
            revision=self.revision,
            provider=self.provider,
            pool=self.pool,
            oracle=self.oracle,
            assets=self.assets,
            reserves=self.reserves,
            emodes={**self.emodes, **found},
        )


def law_of(revision: int | None) -> Law | None:
    """Return the law of the pool's revision; None where it did not tell, or Plimsoll does not know it."""
    return None if revision is None else Law.of(revision)


def listed(asset: Address, symbol: str, reserve_data: bytes, law: Law | None) -> Listed:
    """Return the reserve that `getReserveData` describes; ValueError where it describes none."""
    a_token, stable, variable = tokens_of(reserve_data)
    has_stable = law is Law.V3_0 and stable != NOBODY
    balance = contracts.BALANCE_OF
    return Listed(
        id=word(reserve_data, 7),
        asset=asset,
        symbol=symbol,
        a_token=Template.of(a_token, balance),
        variable_debt=Template.of(variable, balance),
        stable_debt=Template.of(stable, balance) if has_stable else None,
        tokens=(a_token, stable, variable),
    )


def tokens_of(reserve_data: bytes) -> tuple[Address, Address, Address]:
    """Return aToken, stable and variable debt token from `getReserveData`."""
    return address_in(reserve_data, 8), address_in(reserve_data, 9), address_in(reserve_data, 10)


def _questions(
    provider: Address,
    pool: Address,
    oracle: Address,
    assets: Sequence[Address],
    *,
    emodes: Mapping[int, Address],
    law: Law | None,
) -> Iterable[Call]:
    data = Template.of(pool, contracts.GET_RESERVE_DATA)
    price = Template.of(oracle, contracts.GET_ASSET_PRICE)
    yield call(provider, contracts.GET_PRICE_ORACLE)
    yield call(pool, contracts.GET_RESERVES_LIST)
    yield call(pool, contracts.POOL_REVISION)
    yield from (data.on(asset) for asset in assets)
    yield from (price.on(asset) for asset in assets)
    if law is not None:
        for id_, source in emodes.items():
            yield from emode_questions(pool, oracle, id_, source, law)
