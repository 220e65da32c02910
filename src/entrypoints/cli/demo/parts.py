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
from adapters.devpeers.bot_api import LocalBotApi
from adapters.devpeers.mailbox import LocalMailbox
from entrypoints.cli.demo.cast import CAST
from entrypoints.cli.demo.narrator import Narrator


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What lies outside of Plimsoll: a chain with its market, and the servers that take messages."""

    node: Anvil
    chain: Chain
    market: AaveMarket
    treasury: Treasury
    bot: LocalBotApi
    mailbox: LocalMailbox


@asynccontextmanager
async def parts(packages: NodePackages, log: Path, narrator: Narrator) -> AsyncIterator[Parts]:
    """Start a local chain with the cast's positions, a Bot API and a mail server; all end with the block."""
    narrator.doing("starting a local EVM node")
    async with (
        Anvil.running_while(packages, log=log) as node,
        Chain.at(node.url) as chain,
        LocalBotApi.running_while() as bot,
        LocalMailbox.running_while() as mailbox,
    ):
        narrator.doing("deploying Aave v3")
        market = await deploy_aave(chain, packages)
        narrator.tell("set up", "A local EVM node runs, with the real contracts of Aave v3.", node.url)
        treasury = Treasury(chain, market, packages)
        await treasury.open_positions([actor.plan for actor in CAST])
        narrator.tell("set up", f"{len(CAST)} wallets have supplied ETH and BTC, and borrowed USDC.")
        narrator.tell("set up", "A Telegram Bot API and a mail server on this machine wait for messages.")
        yield Parts(node=node, chain=chain, market=market, treasury=treasury, bot=bot, mailbox=mailbox)
