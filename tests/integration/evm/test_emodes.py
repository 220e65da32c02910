from collections.abc import Iterator

import pytest
from eth_abi.abi import encode

from adapters.evm.aave_v3.codec import NOBODY
from adapters.evm.aave_v3.emodes import Mode, ShapeChanged, emode_questions, emodes_of, mode_in
from domain.positions.law import Law
from domain.positions.reserve import EMode
from domain.shared.chain import Address

POOL, ORACLE, SOURCE = (Address(f"0x{number:040x}") for number in (0xA, 0xB, 0xC))
ANSWERS_BY_LAW = {Law.V3_0: 1, Law.V3_2: 2, Law.V3_5: 2, Law.V3_6: 3, Law.V3_7: 4}


def answers(law: Law, source: Address = NOBODY, *, without: int | None = None) -> Iterator[bytes | None]:
    data = encode(["(uint16,uint16,uint16,address,string)"], [(9_000, 9_300, 10_100, source, "ETH")])
    numbers = [encode(["uint256"], [number]) for number in (0b1010, 0b1000, 1)]
    told: list[bytes | None] = [data, *numbers[: ANSWERS_BY_LAW[law] - 1]]
    if without is not None:
        told[without] = None
    return iter([*told, b"the next question's"])


@pytest.mark.parametrize("law", Law)
def test_as_many_answers_are_taken_as_questions_were_asked(law: Law) -> None:
    assert len(list(emode_questions(POOL, ORACLE, 1, NOBODY, law))) == ANSWERS_BY_LAW[law]
    stream = answers(law)
    assert mode_in(stream, 1, NOBODY, law) is not None
    assert next(stream) == b"the next question's"


@pytest.mark.parametrize("law", Law)
def test_what_one_law_does_not_know_is_not_asked_and_counts_for_nothing(law: Law) -> None:
    told = ANSWERS_BY_LAW[law]
    limits = EMode(
        id=1,
        label="ETH",
        ltv=9_000,
        liquidation_threshold=9_300,
        liquidation_bonus=10_100,
        isolated=told == 4,
    )
    expected = Mode(limits, None, 0b1010 if told > 1 else 0, 0b1000 if told > 2 else 0)
    assert mode_in(answers(law), 1, NOBODY, law) == expected


@pytest.mark.parametrize("law", Law)
def test_an_emode_of_which_any_part_is_missing_is_unknown(law: Law) -> None:
    for missing in range(ANSWERS_BY_LAW[law]):
        assert mode_in(answers(law, without=missing), 1, NOBODY, law) is None


def test_another_price_source_than_before_is_another_shape() -> None:
    with pytest.raises(ShapeChanged):
        mode_in(answers(Law.V3_0, SOURCE), 1, NOBODY, Law.V3_0)


def test_what_is_left_of_a_category_in_a_reserve_means_nothing_since_v3_2() -> None:
    reserve = encode(["uint256"], [3 << 168])
    assert emodes_of([reserve], Law.V3_0) == {3}
    assert all(emodes_of([reserve], law) == set() for law in (*Law, None) if law is not Law.V3_0)
