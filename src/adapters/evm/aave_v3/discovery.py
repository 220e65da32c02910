from collections.abc import Callable
from typing import TypeVar

from adapters.evm.aave_v3 import contracts
from adapters.evm.aave_v3.codec import address_in, addresses, text, word
from adapters.evm.aave_v3.emodes import emode_data, emodes_of, price_source
from adapters.evm.aave_v3.listing import Listing, law_of, listed
from adapters.evm.calldata import Template, call
from adapters.evm.multicall import Multicall
from domain.positions.reserve import BASE_DECIMALS
from domain.shared.chain import Address, Block, ChainId
from domain.shared.errors import Unavailable

_T = TypeVar("_T")


async def discover(multicall: Multicall, at: Address, block: Block, chain_id: ChainId) -> Listing:
    """Learn the market's shape from the chain alone, given its pool's or its addresses provider's address.

    Raises Unavailable when the address is neither, or the market does not describe itself completely.
    """
    found = await multicall.read(
        [call(at, contracts.GET_POOL), call(at, contracts.ADDRESSES_PROVIDER)], block
    )
    provider = at if found[0] else _decoded(address_in, found[1], f"Aave v3 market at {at}", chain_id)
    pool_answer, oracle_answer = await multicall.read(
        [call(provider, contracts.GET_POOL), call(provider, contracts.GET_PRICE_ORACLE)], block
    )
    pool = _decoded(address_in, pool_answer, f"Aave v3 market at {at}", chain_id)
    oracle = _decoded(address_in, oracle_answer, f"price oracle of the market at {at}", chain_id)
    list_answer, unit, revision_answer = await multicall.read(
        [
            call(pool, contracts.GET_RESERVES_LIST),
            call(oracle, contracts.BASE_CURRENCY_UNIT),
            call(pool, contracts.POOL_REVISION),
        ],
        block,
    )
    assets = _decoded(addresses, list_answer, "list of reserves", chain_id)
    if _decoded(word, unit, "base currency of the price oracle", chain_id) != 10**BASE_DECIMALS:
        raise Unavailable(
            f"The market at {at} on chain {chain_id} does not count in US dollars with {BASE_DECIMALS} digits; "
            "Plimsoll cannot read it."
        )
    revision = _decoded(word, revision_answer, "revision of the pool", chain_id) if revision_answer else None
    law = law_of(revision)
    reserve_data = Template.of(pool, contracts.GET_RESERVE_DATA)
    answers = await multicall.read(
        [*(reserve_data.on(one) for one in assets), *(call(one, contracts.SYMBOL) for one in assets)], block
    )
    datas = [
        _decoded(_whole, one, f"reserve {asset}", chain_id)
        for asset, one in zip(assets, answers[: len(assets)], strict=True)
    ]
    ids = sorted(emodes_of(datas, law))
    sources = await multicall.read([emode_data(pool, id_) for id_ in ids], block)
    return Listing.of(
        revision=revision,
        provider=provider,
        pool=pool,
        oracle=oracle,
        assets=assets,
        reserves=[
            listed(asset, symbol_in(symbol, asset), data, law)
            for asset, data, symbol in zip(assets, datas, answers[len(assets) :], strict=True)
        ],
        emodes={id_: price_source(one) for id_, one in zip(ids, sources, strict=True)},
    )


def symbol_in(answer: bytes | None, asset: Address) -> str:
    """Return a token's symbol, or its short address where it names none."""
    try:
        return (text(answer) if answer else "") or f"{asset[:6]}…{asset[-4:]}"
    except ValueError:
        return f"{asset[:6]}…{asset[-4:]}"


def _whole(data: bytes) -> bytes:
    word(data, 10)
    return data


def _decoded(decode: Callable[[bytes], _T], answer: bytes | None, what: str, chain_id: ChainId) -> _T:
    try:
        if answer is not None:
            return decode(answer)
    except ValueError:
        pass
    raise Unavailable(
        f"Chain {chain_id} does not show the {what} at this block; check the market's address and the node."
    )
