import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.fixtures.chain import LocalMarket

from adapters.devchain.aave_market import AaveMarket
from adapters.devchain.chain import Chain
from adapters.devchain.node import Anvil
from adapters.devchain.origin.contracts import origin_contracts
from adapters.devchain.origin.deployment import deploy_origin
from adapters.devchain.packages import NodePackages, NotInstalled
from adapters.devchain.treasury import Treasury
from adapters.evm.aave_v3.reader import AaveV3Reader
from adapters.evm.rpc import JsonRpc
from domain.shared.chain import ChainId


@pytest.fixture
async def rpc(local_market: LocalMarket) -> AsyncIterator[JsonRpc]:
    rpc = JsonRpc(local_market.node.url, chain_id=ChainId(31337))
    yield rpc
    await rpc.close()


@pytest.fixture
async def wide_rpc(wide_local_market: LocalMarket) -> AsyncIterator[JsonRpc]:
    rpc = JsonRpc(wide_local_market.node.url, chain_id=ChainId(31337))
    yield rpc
    await rpc.close()


@pytest.fixture
def reader(rpc: JsonRpc, market: AaveMarket) -> AaveV3Reader:
    return AaveV3Reader(rpc, market.provider)


@pytest.fixture
def wide_reader(wide_rpc: JsonRpc, wide_market: AaveMarket) -> AaveV3Reader:
    return AaveV3Reader(wide_rpc, wide_market.provider)


@pytest.fixture(scope="session")
def origin_local_market(
    node_packages: NodePackages, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalMarket]:
    """Today's Aave: compiled once for each version of it, which takes a quarter of a minute, then found again."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "plimsoll" / "contracts"
    try:
        contracts = origin_contracts(node_packages, cache)
    except NotInstalled as missing:
        pytest.skip(str(missing))

    async def deploy(node: Anvil) -> AaveMarket:
        async with Chain.at(node.url) as chain:
            return await deploy_origin(chain, node_packages, contracts)

    with asyncio.Runner() as runner:
        node = runner.run(Anvil.start(node_packages, log=tmp_path_factory.mktemp("anvil") / "origin.log"))
        try:
            yield LocalMarket(node, runner.run(deploy(node)))
        finally:
            node.stop()


@pytest.fixture
async def origin_treasury(
    origin_local_market: LocalMarket, node_packages: NodePackages
) -> AsyncIterator[Treasury]:
    async with Chain.at(origin_local_market.node.url) as chain, chain.restored():
        yield Treasury(chain, origin_local_market.market, node_packages)


@pytest.fixture
async def origin_reader(origin_local_market: LocalMarket) -> AsyncIterator[AaveV3Reader]:
    rpc = JsonRpc(origin_local_market.node.url, chain_id=ChainId(31337))
    yield AaveV3Reader(rpc, origin_local_market.market.provider)
    await rpc.close()
