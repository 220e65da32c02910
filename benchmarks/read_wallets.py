import random
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import aiohttp

from adapters.devchain.chain import Chain
from adapters.devchain.deployment import deploy_aave
from adapters.devchain.node import Anvil
from adapters.devchain.packages import NodePackages
from adapters.devchain.plan import PositionPlan
from adapters.devchain.treasury import Treasury
from adapters.evm.aave_v3.reader import AaveV3Reader
from benchmarks.recording import Floor, Recording, RecordingRpc
from benchmarks.web3_peer import Web3Peer
from benchmarks.work import Contest, Work, timed
from domain.shared.chain import Address, ChainId

WALLETS, WITH_POSITION = 1_000, 200
_NODE_MODULES = Path(__file__).parents[1] / "node_modules"


def wallets_and_plans(seed: int = 7) -> tuple[list[Address], list[PositionPlan]]:
    """Return the wallets in a shuffled order, and what two hundred of them own and owe."""
    chance = random.Random(seed)
    wallets = [Address(f"0x{chance.randbytes(20).hex()}") for _ in range(WALLETS)]
    plans = []
    for wallet in wallets[:WITH_POSITION]:
        symbol, price = chance.choice([("WETH", 2_500), ("WBTC", 60_000)])
        supplied = Decimal(chance.randint(100, 2_000)) / 100
        borrowed = (supplied * price * chance.randint(20, 65) / 100).quantize(Decimal("0.000001"))
        plans.append(PositionPlan(wallet=wallet, supplies={symbol: supplied}, borrows={"USDC": borrowed}))
    chance.shuffle(wallets)
    return wallets, plans


@asynccontextmanager
async def _open() -> AsyncIterator[Contest]:
    packages = NodePackages(_NODE_MODULES)
    wallets, plans = wallets_and_plans()
    with tempfile.TemporaryDirectory() as folder:
        async with (
            Anvil.running_while(packages, log=Path(folder) / "anvil.log") as node,
            Chain.at(node.url) as chain,
            aiohttp.ClientSession() as session,
        ):
            market = await deploy_aave(chain, packages)
            await Treasury(chain, market, packages).open_positions(plans)
            rpc = RecordingRpc(node.url, chain_id=ChainId(node.chain_id))
            try:
                reader = AaveV3Reader(rpc, market.provider)
                block = await reader.head()
                await reader.read(wallets, block)  # learns the market, which no later reading repeats
                rpc.recording = recording = Recording()
                observed = await reader.read(wallets, block)
                rpc.recording = None
                if len(observed.positions) != WITH_POSITION or observed.unread:
                    raise AssertionError("The reading is not complete.")
                yield Contest(
                    ours=timed(lambda: reader.read(wallets, block)),
                    floor=timed(await Floor.of(recording, session, node.url)),
                    peer=timed(Web3Peer(node.url, recording.calls(), block)),
                )
            finally:
                await rpc.close()


WORK = Work(name="read_wallets", unit="s", open=_open, rounds=5)
