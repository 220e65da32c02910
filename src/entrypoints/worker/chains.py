import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog
from prometheus_client import Counter, Gauge

from application.positions.observe_positions import ObservePositions
from application.positions.plan_snapshots import PlanSnapshots
from application.positions.ports import JobQueue
from application.positions.search_liquidations import SearchLiquidations
from domain.shared.chain import Address, Block, ChainId
from domain.shared.errors import Unavailable
from entrypoints.worker.loop import for_each, forever
from entrypoints.worker.passes import Passes

_log = structlog.get_logger(__name__)

HEAD = Gauge("plimsoll_chain_head_block", "Newest block that was seen", ["chain"])
UNREAD = Counter("plimsoll_wallets_unread_total", "Wallets whose position could not be read", ["chain"])


@dataclass(frozen=True, slots=True)
class ChainWatch:
    """Asks for a snapshot of one chain on every new head, and at an interval where no head comes."""

    chain_id: ChainId
    heads: Callable[[], AsyncIterator[Block]]
    interval: float
    jobs: JobQueue

    async def run(self) -> None:
        """Watch until cancelled."""
        await asyncio.gather(  # which passes every cancellation on; a group does so once
            for_each(f"heads-{self.chain_id}", self.heads, self._on_head),
            forever(f"interval-{self.chain_id}", self._at_interval),
        )

    async def _on_head(self, block: Block) -> None:
        HEAD.labels(self.chain_id).set(block.number)
        await self.jobs.snapshot_chain(self.chain_id)

    async def _at_interval(self) -> None:
        await self.jobs.snapshot_chain(self.chain_id)
        await asyncio.sleep(self.interval)


@dataclass(frozen=True, slots=True)
class Snapshots:
    """The bodies of the two jobs: a chain's first chunk is read at once, the others become jobs of their own."""

    plan: PlanSnapshots
    observe: ObservePositions
    search: SearchLiquidations
    jobs: JobQueue
    passes: dict[str, Passes] = field(default_factory=dict)

    async def of_chain(self, chain_id: ChainId) -> None:
        """Search for liquidations, and take a snapshot of every watched wallet, whether or not that search succeeds.

        A node or database that is away is told and counted, and leaves no failed job: the next tick is the next try.
        """
        await self._tried(f"liquidations-{chain_id}", self._search, chain_id)
        await self._tried(f"snapshots-{chain_id}", self._of_all_wallets, chain_id)

    async def of_wallets(self, chain_id: ChainId, wallets: Sequence[Address]) -> None:
        """Take a snapshot of a chunk of wallets."""
        fact = await self.observe(chain_id=chain_id, wallets=wallets)
        for unread in fact.unread if fact else ():
            UNREAD.labels(chain_id).inc()
            _log.warning("wallet unread", chain_id=chain_id, wallet=unread.wallet, reason=unread.reason)

    async def _search(self, chain_id: ChainId) -> None:
        await self.search(chain_id=chain_id)

    async def _of_all_wallets(self, chain_id: ChainId) -> None:
        chunks = await self.plan()
        for chunk in chunks[1:]:
            await self.jobs.snapshot_wallets(chain_id, chunk)
        if chunks:
            await self.of_wallets(chain_id, chunks[0])

    async def _tried(self, name: str, step: Callable[[ChainId], Awaitable[None]], chain_id: ChainId) -> None:
        passes = self.passes.setdefault(name, Passes(name))
        try:
            await step(chain_id)
        except Unavailable as error:
            passes.failed(error)
        except Exception as error:
            passes.failed(error)
            raise
        else:
            passes.came_through()
