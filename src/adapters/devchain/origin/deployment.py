from collections.abc import Mapping, Sequence

from adapters.devchain.aave_market import PRICE_DECIMALS, AaveMarket
from adapters.devchain.abi import NOBODY
from adapters.devchain.artifact import Artifact
from adapters.devchain.batch import Batch
from adapters.devchain.chain import Chain
from adapters.devchain.keys import address_of
from adapters.devchain.listing import create_price, create_token
from adapters.devchain.multicall3 import deploy_multicall3
from adapters.devchain.origin.core import create_core
from adapters.devchain.origin.emodes import DOLLARS, STAKED_ETHER, NamingEmode, list_emodes
from adapters.devchain.origin.listing import list_reserves
from adapters.devchain.origin.reserves import SIX_RESERVES
from adapters.devchain.packages import NodePackages
from adapters.devchain.reserves import ReserveSpec
from adapters.devchain.treasury import Treasury
from domain.shared.errors import Unavailable

_ADMIN = address_of("aave administrator")


async def deploy_origin(
    chain: Chain,
    packages: NodePackages,
    contracts: Mapping[str, Artifact],
    *,
    reserves: Sequence[ReserveSpec] = SIX_RESERVES,
    emodes: tuple[NamingEmode, ...] = (STAKED_ETHER, DOLLARS),
) -> AaveMarket:
    """Deploy Multicall3 and today's Aave v3 (from `origin_contracts`), filled with the treasury's liquidity.

    The reserves' own e-modes and stable borrowing do not exist there, and are ignored. Raises Unavailable when a
    package is missing, Reverted when the contracts refuse what was specified.
    """
    multicall3 = await deploy_multicall3(chain, packages)
    await chain.set_balances({_ADMIN: 10**24})
    batch = Batch(_ADMIN, await chain.nonce(_ADMIN))
    core = create_core(batch, contracts)
    tokens = {one.symbol: create_token(batch, packages, one) for one in reserves}
    prices = [create_price(batch, packages, one.price, one.symbol) for one in reserves]
    sources = list(tokens.values()), prices
    oracle = batch.create(
        contracts["AaveOracle"], core.provider, *sources, NOBODY, NOBODY, 10**PRICE_DECIMALS
    )
    batch.call(core.provider, "setPriceOracle(address)", oracle)
    data_provider = batch.create(contracts["AaveProtocolDataProvider"], core.provider)
    batch.call(core.provider, "setPoolDataProvider(address)", data_provider)
    list_reserves(batch, contracts, core, [(one, tokens[one.symbol]) for one in reserves])
    list_emodes(batch, core.configurator, emodes, tokens)
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
        categories=(),
    )
    if await chain.read(core.provider, "getPool()", ("address",)) != (core.pool,):
        raise Unavailable("Aave's pool is not where it should be; is its npm package the locked version?")
    await Treasury(chain, market, packages).provide_liquidity()
    return market
