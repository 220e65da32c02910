"""Random lending positions, from dust to whales."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import strategies as st

from domain.positions.aave_v3 import account_of
from domain.positions.law import Law
from domain.positions.position import Leg, LendingPosition, Protocol
from domain.positions.reserve import EMode, Reserve
from domain.shared.chain import Address, Block, ChainId

BLOCK = Block(number=1, hash=f"0x{'11' * 32}", time=datetime(2026, 1, 1, tzinfo=UTC))


def asset(number: int) -> Address:
    return Address(f"0x{number:040x}")


def reserve(
    number: int = 1,
    *,
    price: int = 10**8,
    decimals: int = 6,
    ltv: int = 7_500,
    threshold: int = 8_000,
    emode: int = 0,
    lends_in_emode: bool = True,
) -> Reserve:
    return Reserve(
        asset=asset(number),
        symbol=f"T{number}",
        decimals=decimals,
        price=price,
        ltv=ltv,
        liquidation_threshold=threshold,
        liquidation_bonus=10_500,
        emode=emode,
        lends_in_emode=lends_in_emode,
    )


def position_of(*legs: Leg, emode: EMode | None = None, law: Law = Law.V3_0) -> LendingPosition:
    return LendingPosition(
        wallet=asset(0xA11CE),
        chain_id=ChainId(1),
        protocol=Protocol.AAVE_V3,
        market=asset(0xAA),
        block=BLOCK,
        emode=emode,
        legs=legs,
        account=account_of(legs, emode, law),
        law=law,
    )


STABLE = EMode(id=1, label="Stable", ltv=9_300, liquidation_threshold=9_500, liquidation_bonus=10_100)

ISOLATED = replace(STABLE, label="Stable, and nothing else", isolated=True)

laws = st.sampled_from(Law)
amounts = st.one_of(st.just(0), st.integers(0, 100), st.integers(0, 10**12), st.integers(0, 10**30))
prices = st.one_of(st.integers(1, 3_000), st.integers(1, 10**14))


@st.composite
def reserves(draw: st.DrawFn, number: int) -> Reserve:
    threshold = draw(st.one_of(st.just(0), st.integers(1, 9_500)))
    return reserve(
        number,
        price=draw(prices),
        decimals=draw(st.sampled_from([0, 2, 6, 8, 18])),
        ltv=draw(st.integers(0, threshold)),
        threshold=threshold,
        emode=draw(st.sampled_from([0, 1, 2])),
        lends_in_emode=draw(st.booleans()),
    )


@st.composite
def legs(draw: st.DrawFn, number: int) -> Leg:
    return Leg(
        reserve=draw(reserves(number)),
        supplied=draw(amounts),
        is_collateral=draw(st.booleans()),
        variable_debt=draw(amounts),
        stable_debt=draw(st.one_of(st.just(0), amounts)),
    )


@st.composite
def positions(draw: st.DrawFn) -> LendingPosition:
    count = draw(st.integers(1, 4))
    chosen = [draw(legs(number)) for number in range(1, count + 1)]
    held = [leg for leg in chosen if leg.supplied or leg.debt]
    law = draw(laws)
    modes = [None, STABLE, ISOLATED] if law.emodes_may_be_isolated else [None, STABLE]
    return position_of(*held, emode=draw(st.sampled_from(modes)), law=law)


@st.composite
def healthy_positions(draw: st.DrawFn, *, most_price: int = 10**14) -> LendingPosition:
    """Draw positions near the line but above it: the debt is what the collateral bears, times a share."""
    count = draw(st.integers(1, 3))
    price = st.integers(1, most_price)
    secured = [
        Leg(
            reserve=reserve(
                number,
                price=draw(price),
                decimals=draw(st.sampled_from([0, 2])),
                threshold=draw(st.integers(1, 9_500)),
                emode=draw(st.sampled_from([0, 1])),
            ),
            supplied=draw(st.integers(1, 10**6)),
            is_collateral=True,
        )
        for number in range(1, count + 1)
    ]
    emode = draw(st.sampled_from([None, STABLE]))
    law = draw(laws)
    borne = account_of(secured, emode, law)
    share = draw(st.one_of(st.integers(1, 10**4), st.integers(9_990, 10**4)))
    worth = borne.total_collateral * borne.liquidation_threshold * share // 10**8
    owed = Leg(reserve=reserve(9, price=1, decimals=0), variable_debt=max(worth, 1))
    return position_of(*secured, owed, emode=emode, law=law)
