from collections.abc import AsyncIterator

import pytest
from tests.fixtures.chain import LocalMarket

from adapters.devchain.aave_market import AaveMarket
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
