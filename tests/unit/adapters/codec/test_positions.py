import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import AT, block, position
from tests.strategies import blocks, positions, unreads

from adapters.codec.positions import decode, encode, leaf_of, root_of
from domain.positions.errors import Tampered
from domain.positions.law import Law
from domain.positions.position import LendingPosition, Unread
from domain.positions.reserve import EMode
from domain.shared.chain import Block
from domain.shared.ids import id_of

STORED = encode(position(), block())


@given(seen=positions)
def test_a_position_is_read_back_to_the_last_digit(seen: LendingPosition) -> None:
    assert decode(encode(seen, seen.block)) == (seen, seen.block)


@pytest.mark.parametrize("law", Law)
@pytest.mark.parametrize("flag", [True, False])
def test_how_it_was_counted_is_read_back_too(law: Law, flag: bool) -> None:
    mode = EMode(id=3, label="m", ltv=1, liquidation_threshold=2, liquidation_bonus=3, isolated=flag)
    legs = tuple(replace(leg, reserve=replace(leg.reserve, lends_in_emode=flag)) for leg in position().legs)
    seen = replace(position(), law=law, emode=mode, legs=legs)
    assert decode(encode(seen, seen.block)) == (seen, seen.block)


@given(seen=unreads, here=blocks)
def test_an_unread_wallet_is_read_back_with_its_block(seen: Unread, here: Block) -> None:
    assert decode(encode(seen, here)) == (seen, here)


@given(seen=positions)
def test_the_same_position_is_the_same_bytes(seen: LendingPosition) -> None:
    assert encode(decode(encode(seen, seen.block))[0], seen.block) == encode(seen, seen.block)


@given(seen=positions)
def test_no_reader_of_json_loses_a_digit(seen: LendingPosition) -> None:
    def numbers(value: object) -> list[int]:
        if isinstance(value, dict | list):
            parts = value.values() if isinstance(value, dict) else value
            return [number for part in parts for number in numbers(part)]
        return [value] if isinstance(value, int) else []

    assert all(number < 2**63 for number in numbers(json.loads(encode(seen, seen.block))))


@given(stored=st.binary(max_size=50))
def test_bytes_that_were_never_written_are_refused(stored: bytes) -> None:
    with pytest.raises(Tampered):
        decode(stored)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"schema":1', b'"schema":2'),
        (b'"aave_v3"', b'"aave_v9"'),
        (b'"law":"v3.0"', b'"law":"v9.0"'),
        (b'"supplied":"1000000000000000000"', b'"supplied":"1e18"'),
        (b'"symbol":"WETH"', b'"symbol":["WETH"]'),
        (b'"hash":', b'"hush":'),
        (b'"time":"2026', b'"time":"26'),
    ],
)
def test_bytes_that_were_altered_are_refused(before: bytes, after: bytes) -> None:
    assert before in STORED
    with pytest.raises(Tampered):
        decode(STORED.replace(before, after))


def test_a_leaf_stands_for_row_user_and_bytes() -> None:
    one, other = id_of(1), id_of(2)
    leaves = {
        leaf_of(one, one, b"x"),
        leaf_of(other, one, b"x"),
        leaf_of(one, other, b"x"),
        leaf_of(one, one, b"y"),
    }
    assert len(leaves) == 4


def test_a_root_does_not_depend_on_the_order_of_reading() -> None:
    rows = {id_of(number): bytes([number]) * 32 for number in range(5)}
    assert root_of(rows) == root_of(dict(reversed(rows.items())))


def test_the_stored_form_never_changes() -> None:
    assert encode(Unread(position().wallet, "Its symbol is not UTF-8."), Block(7, "0x07", AT)) == (
        b'{"schema":1,"wallet":"0xfdee430d40bd57deeac186cd9790033d0f06f909",'
        b'"block":{"number":7,"hash":"0x07","time":"2026-01-02T03:04:05.678901+00:00"},'
        b'"unread":"Its symbol is not UTF-8."}'
    )
    assert (
        leaf_of(id_of(1), id_of(2), b"stored").hex()
        == "55dafba17e236c69353db613fc5fb61dd31369511df190b0555b13dd5c22eb48"
    )
