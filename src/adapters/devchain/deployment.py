from collections.abc import Sequence

from adapters.devchain.aave_market import AaveMarket
from adapters.devchain.batch import Batch
from adapters.devchain.chain import Chain
from adapters.devchain.core import create_core
from adapters.devchain.keys import address_of
from adapters.devchain.listing import create_oracle, create_price, create_token, list_reserves
from adapters.devchain.multicall3 import deploy_multicall3
from adapters.devchain.packages import NodePackages
from adapters.devchain.reserves import ETH_CORRELATED, THREE_RESERVES, EmodeCategory, ReserveSpec
from adapters.devchain.treasury import Treasury
from domain.shared.errors import Unavailable

_ADMIN = address_of("aave administrator")


async def deploy_aave(
    chain: Chain,
    packages: NodePackages,
    *,
    reserves: Sequence[ReserveSpec] = THREE_RESERVES,
    categories: Sequence[EmodeCategory] = (ETH_CORRELATED,),
) -> AaveMarket:
    """Deploy Multicall3 and Aave v3.0.2 with these reserves and e-modes, filled with the treasury's liquidity.

    Raises Unavailable when a package is missing, Reverted when the contracts refuse what was specified.
    """
    multicall3 = await deploy_multicall3(chain, packages)
    await chain.set_balances({_ADMIN: 10**24})
    batch = Batch(_ADMIN, await chain.nonce(_ADMIN))
    core = create_core(batch, packages)
    tokens = {one.symbol: create_token(batch, packages, one) for one in reserves}
    prices = {tokens[one.symbol]: create_price(batch, packages, one.price, one.symbol) for one in reserves}
    sources = {one.id: address_of(f"price of e-mode {one.id}") for one in categories if one.price is not None}
    for one in categories:
        if one.price is not None:
            prices[sources[one.id]] = create_price(batch, packages, one.price, one.label)
    oracle = create_oracle(batch, packages, core, prices)
    data_provider = batch.create(packages.aave("misc/AaveProtocolDataProvider"), core.provider)
    batch.call(core.provider, "setPoolDataProvider(address)", data_provider)
    listed = [(one, tokens[one.symbol]) for one in reserves]
    list_reserves(batch, packages, core, listed, [(one, sources.get(one.id)) for one in categories])
    await chain.send(*batch.transactions)
    market = AaveMarket(
        chain_id=await chain.chain_id(),
        provider=core.provider,
        pool=core.pool,
        configurator=core.configurator,
        oracle=oracle,
        data_provider=data_provider,
        multicall3=multicall3,
        admin=_ADMIN,
        tokens=tokens,
        reserves={one.symbol: one for one in reserves},
        categories=tuple(categories),
    )
    await _check(chain, market)
    await Treasury(chain, market, packages).provide_liquidity()
    return market


async def _check(chain: Chain, market: AaveMarket) -> None:
    pool = await chain.read(market.provider, "getPool()", ("address",))
    configurator = await chain.read(market.provider, "getPoolConfigurator()", ("address",))
    if pool != (market.pool,) or configurator != (market.configurator,):
        raise Unavailable("Aave's proxies are not where they should be; is @aave/core-v3 the locked version?")
