import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from adapters.devchain.aave_market import AaveMarket
from adapters.devchain.chain import Chain
from adapters.devchain.deployment import deploy_aave
from adapters.devchain.node import Anvil
from adapters.devchain.packages import NodePackages
from adapters.devchain.treasury import Treasury
from adapters.devpeers.bot_api import LocalBotApi
from adapters.devpeers.mailbox import LocalMailbox
from adapters.postgres import migrator
from adapters.postgres.revisions import Revision
from application.audit.replay import Replay
from application.positions.read_wallet import ReadWallet
from domain.shared.chain import ChainId
from entrypoints.cli.demo.cast import CAST
from entrypoints.cli.demo.client import Client
from entrypoints.cli.demo.environment import demo_settings, free_port
from entrypoints.cli.demo.narrator import Narrator
from entrypoints.cli.demo.oracle import Oracle
from entrypoints.cli.run.processes import working
from entrypoints.container.worker import Background
from entrypoints.database import database
from entrypoints.processes import http_server
from entrypoints.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Everything that the demo runs on, all of it real and on this machine."""

    url: str
    chain: Chain
    market: AaveMarket
    treasury: Treasury
    bot: LocalBotApi
    mailbox: LocalMailbox
    oracle: Oracle
    client: Client
    read: ReadWallet
    replay: Replay

    @property
    def chain_id(self) -> ChainId:
        """The local chain."""
        return ChainId(self.market.chain_id)


@asynccontextmanager
async def set_stage(
    own: Settings, folder: Path, port: int | None, narrator: Narrator
) -> AsyncIterator[Stage]:
    """Start every part, and put all of it away afterwards; raises what the parts do when one cannot start."""
    http_port = free_port(port)
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        packages = NodePackages(own.node_modules)
        narrator.doing("starting a local EVM node")
        node = await enter(Anvil.running_while(packages, log=folder / "anvil.log"))
        chain = await enter(Chain.at(node.url))
        narrator.doing("deploying Aave v3")
        market = await deploy_aave(chain, packages)
        narrator.tell(
            "chain", "A local EVM node runs, with the real contracts of Aave v3.", f"anvil, {node.url}"
        )
        treasury = Treasury(chain, market, packages)
        await treasury.open_positions([actor.plan for actor in CAST])
        narrator.tell("chain", f"{len(CAST)} wallets have supplied ETH and BTC, and borrowed USDC.")
        bot = await enter(LocalBotApi.running_while())
        mailbox = await enter(LocalMailbox.running_while())
        narrator.tell("set up", "A local Telegram Bot API and a mail server wait for messages.")
        settings = demo_settings(own, folder, http_port, node=node, market=market, bot=bot, mailbox=mailbox)
        narrator.doing("starting PostgreSQL")
        urls = await enter(database(settings))
        narrator.doing("migrating")
        taken: list[Revision] = []
        await asyncio.to_thread(migrator.migrate, urls.for_admin(), "head", taken.append)
        narrator.tell("set up", "An embedded PostgreSQL runs and is migrated.", f"{len(taken)} steps")
        oracle = Oracle(node.url, market)
        stack.push_async_callback(oracle.close)
        container = Background(settings=settings, url=urls.for_worker())
        stack.push_async_callback(_put_away, container)
        url = await enter(http_server(settings, urls.for_app()))
        await enter(working(settings, urls.for_worker()))
        session = await enter(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)))
        narrator.tell("set up", "The HTTP API and the worker run.", url)
        yield Stage(
            url=url,
            chain=chain,
            market=market,
            treasury=treasury,
            bot=bot,
            mailbox=mailbox,
            oracle=oracle,
            client=Client(session, url, container.clock()),
            read=ReadWallet(container.readers()),
            replay=container.replay(),
        )


async def _put_away(container: Background) -> None:
    await container.chains().close()
    await container.channels().close()
    await container.database().close()


@contextmanager
def throwaway_folder() -> Iterator[Path]:
    """Make a folder for everything that the demo writes, and remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix="plimsoll-demo-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # root's PostgreSQL runs as another user, who has to pass through
        yield folder
