import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from adapters.evm.aave_v3 import codec, contracts
from adapters.evm.calldata import Template, aggregate3, call, returned, target_and_calldata
from domain.shared.chain import Address

SIGNATURES = {
    "GET_POOL": "getPool()",
    "GET_PRICE_ORACLE": "getPriceOracle()",
    "ADDRESSES_PROVIDER": "ADDRESSES_PROVIDER()",
    "POOL_REVISION": "POOL_REVISION()",
    "GET_RESERVES_LIST": "getReservesList()",
    "GET_RESERVE_DATA": "getReserveData(address)",
    "GET_USER_CONFIGURATION": "getUserConfiguration(address)",
    "GET_USER_ACCOUNT_DATA": "getUserAccountData(address)",
    "GET_USER_EMODE": "getUserEMode(address)",
    "GET_EMODE_CATEGORY_DATA": "getEModeCategoryData(uint8)",
    "GET_EMODE_COLLATERAL_BITMAP": "getEModeCategoryCollateralBitmap(uint8)",
    "GET_EMODE_LTVZERO_BITMAP": "getEModeCategoryLtvzeroBitmap(uint8)",
    "IS_EMODE_ISOLATED": "getIsEModeCategoryIsolated(uint8)",
    "GET_ASSET_PRICE": "getAssetPrice(address)",
    "BASE_CURRENCY_UNIT": "BASE_CURRENCY_UNIT()",
    "BALANCE_OF": "balanceOf(address)",
    "SYMBOL": "symbol()",
    "DECIMALS": "decimals()",
}
addresses = st.binary(min_size=20, max_size=20).map(lambda raw: Address(f"0x{raw.hex()}"))
calls = st.lists(st.tuples(addresses, st.binary(min_size=4, max_size=100)), min_size=1, max_size=20)


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_selector_is_that_of_its_signature(name: str) -> None:
    assert getattr(contracts, name) == keccak(text=SIGNATURES[name])[:4].hex()


def test_the_topic_is_that_of_the_event() -> None:
    event = "LiquidationCall(address,address,address,uint256,uint256,address,bool)"
    assert f"0x{keccak(text=event).hex()}" == contracts.LIQUIDATION_CALL


@given(calls)
def test_calls_are_laid_out_as_the_abi_says(chosen: list[tuple[Address, bytes]]) -> None:
    ours = aggregate3([call(target, data.hex()) for target, data in chosen])
    theirs = encode(["(address,bool,bytes)[]"], [[(target, True, data) for target, data in chosen]])
    assert ours == "0x82ad56cb" + theirs.hex()


@given(addresses, addresses)
def test_a_template_makes_the_call_that_is_built_by_hand(target: Address, argument: Address) -> None:
    made = Template.of(target, contracts.BALANCE_OF).on(argument)
    assert made == call(target, f"{contracts.BALANCE_OF}{argument[2:]:0>64}")
    assert target_and_calldata(made) == (target, f"0x{contracts.BALANCE_OF}{argument[2:]:0>64}")


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=200)), max_size=20))
def test_answers_are_taken_apart_as_the_abi_says(answers: list[tuple[bool, bytes]]) -> None:
    data = encode(["(bool,bytes)[]"], [answers])
    assert returned(data, len(answers)) == [found if good and found else None for good, found in answers]
    assert returned(data, len(answers) + 1) is None


@given(st.binary(max_size=400), st.integers(0, 5))
def test_no_data_whatever_break_the_decoder(data: bytes, count: int) -> None:
    found = returned(data, count)
    assert found is None or len(found) == count


@given(st.text(max_size=30))
def test_a_symbol_is_read_whatever_it_holds(symbol: str) -> None:
    read = codec.text(encode(["string"], [symbol.encode("utf-8", "replace").decode()]))
    assert all(letter.isprintable() for letter in read)


def test_a_symbol_of_thirty_two_bytes_is_read_too() -> None:
    assert codec.text(b"MKR".ljust(32, b"\0")) == "MKR"
    assert codec.text(encode(["string"], ["USDC"])) == "USDC"
    assert codec.text(encode(["string"], ["\x1b[31mEVIL\u202e\n"])) == "[31mEVIL"


@given(st.binary(max_size=300))
def test_nonsense_is_a_value_error_and_nothing_else(data: bytes) -> None:
    for decode in (codec.text, codec.addresses, codec.address_in, lambda raw: codec.emode(raw, 1)):
        try:
            decode(data)
        except ValueError:
            continue


@given(st.integers(0, 2**16 - 1), st.integers(0, 2**16 - 1), st.integers(0, 255), st.integers(0, 255))
def test_a_configuration_is_taken_apart(ltv: int, threshold: int, decimals: int, emode: int) -> None:
    bits = ltv | threshold << 16 | 10_500 << 32 | decimals << 48 | 1 << 56 | emode << 168 | 1 << 251
    assert codec.Configuration.of(bits) == codec.Configuration(
        ltv=ltv, liquidation_threshold=threshold, liquidation_bonus=10_500, decimals=decimals, emode=emode
    )


@given(st.integers(0, 2**16 - 1), st.text(max_size=20), addresses)
def test_an_emode_is_read_with_its_price_source(ltv: int, label: str, source: Address) -> None:
    data = encode(
        ["(uint16,uint16,uint16,address,string)"], [(ltv, 9_300, 10_100, source, "Best " + ascii(label))]
    )
    found, priced_by = codec.emode(data, 3)
    assert (found.id, found.ltv, found.liquidation_threshold, found.liquidation_bonus) == (
        3,
        ltv,
        9_300,
        10_100,
    )
    assert found.label.startswith("Best")
    assert priced_by == source
