import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.devchain.aave_market import AaveMarket
from adapters.devchain.chain import Chain
from adapters.devchain.deployment import deploy_aave
from adapters.devchain.node import Anvil
from adapters.devchain.packages import NodePackages
from adapters.devchain.treasury import Treasury
from adapters.postgres.migrator import migrate
from benchmarks.server import measured_server

SECRET_KEYS = "benchmark:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
"""What personal fields are sealed under; nobody real is in a benchmark."""

NODE_MODULES = Path(__file__).parents[1] / "node_modules"


@dataclass(frozen=True, slots=True)
class Stage:
    """A local node with a whole Aave v3 market, and who moves its prices."""

    node: Anvil
    chain: Chain
    market: AaveMarket
    treasury: Treasury


@asynccontextmanager
async def market_stage() -> AsyncIterator[Stage]:
    """Start a node and deploy the market for as long as the block lasts."""
    packages = NodePackages(NODE_MODULES)
    with tempfile.TemporaryDirectory() as folder:
        async with (
            Anvil.running_while(packages, log=Path(folder) / "anvil.log") as node,
            Chain.at(node.url) as chain,
        ):
            market = await deploy_aave(chain, packages)
            yield Stage(node, chain, market, Treasury(chain, market, packages))


@asynccontextmanager
async def database_stage() -> AsyncIterator[str]:
    """Start a durable PostgreSQL of its own, migrate it, and yield its administrator's URL."""
    with (
        tempfile.TemporaryDirectory() as folder,
        measured_server(Path(folder) / "postgresql") as url,
    ):
        migrate(url)
        yield url
