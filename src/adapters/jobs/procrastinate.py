from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import psycopg
from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

from domain.shared.chain import Address, ChainId
from domain.shared.errors import Unavailable
from domain.shared.ids import Id

SNAPSHOT_CHAIN: Final = "snapshot_chain"
SNAPSHOT_WALLETS: Final = "snapshot_wallets"
AUDIT: Final = "audit"


class QueueUnavailable(Unavailable):
    """The database that holds the queue does not answer."""

    def __init__(self) -> None:
        super().__init__(
            "The database does not take jobs; see that it runs and that DATABASE_URL names it, then try again."
        )


@dataclass(frozen=True, slots=True)
class ProcrastinateJobs:
    """The queue of jobs in the same PostgreSQL; raises QueueUnavailable when that is away."""

    app: App

    async def snapshot_chain(self, chain_id: ChainId) -> None:
        """Ask for a snapshot of every watched wallet on the chain; while one is waiting, asking again adds none."""
        task = self.app.configure_task(SNAPSHOT_CHAIN, queueing_lock=f"snapshot:{chain_id}")
        try:
            with _our_errors():
                await task.defer_async(chain_id=chain_id)
        except AlreadyEnqueued:
            return

    async def snapshot_wallets(self, chain_id: ChainId, wallets: Sequence[Address]) -> None:
        """Ask for a snapshot of a chunk of wallets."""
        with _our_errors():
            await self.app.configure_task(SNAPSHOT_WALLETS).defer_async(chain_id=chain_id, wallets=[*wallets])

    async def audit(self, job_id: Id) -> None:
        """Ask for an audit; while it is waiting, asking again adds none. One after another is done."""
        task = self.app.configure_task(AUDIT, queueing_lock=f"audit:{job_id}", lock="audits")
        try:
            with _our_errors():
                await task.defer_async(job_id=job_id)
        except AlreadyEnqueued:
            return


@contextmanager
def _our_errors() -> Iterator[None]:
    try:
        yield
    except ConnectorException as error:
        if isinstance(error.__cause__, psycopg.OperationalError):
            raise QueueUnavailable from error
        raise
