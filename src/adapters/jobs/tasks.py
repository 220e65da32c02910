from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from procrastinate import App, JobContext, RetryStrategy

from adapters.jobs.procrastinate import AUDIT, SNAPSHOT_CHAIN, SNAPSHOT_WALLETS
from adapters.jobs.upkeep import add_upkeep
from application.shared.correlation import correlation
from domain.shared.chain import Address, ChainId
from domain.shared.ids import Id, derived, read_id

ATTEMPTS: Final = 5
"""How often a job is tried, whether it failed or its worker died; after that it stays on record as failed."""

_AGAIN: Final = RetryStrategy(max_attempts=ATTEMPTS - 1, exponential_wait=2)  # after 2, 4, 8 and 16 seconds


def add_tasks(
    app: App,
    *,
    snapshot_chain: Callable[[ChainId], Awaitable[object]],
    snapshot_wallets: Callable[[ChainId, Sequence[Address]], Awaitable[object]],
    audit: Callable[[Id], Awaitable[object]],
) -> None:
    """Say what is done for each job, and let the queue look after itself; facts that a job leaves carry its id."""

    # Not tried again by itself: the next tick is the next try, and a job that goes back to waiting would collide with
    # that tick's queueing lock.
    @app.task(name=SNAPSHOT_CHAIN, pass_context=True)
    async def chain(context: JobContext, *, chain_id: int) -> None:
        _take_the_blame(context)
        await snapshot_chain(ChainId(chain_id))

    @app.task(name=SNAPSHOT_WALLETS, pass_context=True, retry=_AGAIN)
    async def some_wallets(context: JobContext, *, chain_id: int, wallets: list[str]) -> None:
        _take_the_blame(context)
        await snapshot_wallets(ChainId(chain_id), tuple(Address(wallet) for wallet in wallets))

    @app.task(name=AUDIT, pass_context=True, retry=_AGAIN)
    async def one_audit(context: JobContext, *, job_id: str) -> None:
        _take_the_blame(context)
        await audit(read_id(job_id))

    add_upkeep(app, attempts=ATTEMPTS)


def _take_the_blame(context: JobContext) -> None:
    correlation.set(derived("job", context.job.id, context.job.attempts))
