import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from itertools import cycle

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.roles import app_url, worker_url
from adapters.postgres.work import PostgresWork
from adapters.secrets.key_ring import KeyRing
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds
from benchmarks.read_wallets import WITH_POSITION, wallets_and_plans
from benchmarks.stage import SECRET_KEYS, Stage, database_stage, market_stage
from benchmarks.work import Contest, Run, Work, timed
from domain.identity.preferences import Preferences, RiskProfile
from domain.identity.user import MOST_WALLETS, User
from domain.shared.chain import Address, ChainId
from domain.shared.ids import UserId
from entrypoints.chains import Chains
from entrypoints.container.worker import Background
from entrypoints.settings import ChainSettings, Settings
from entrypoints.worker.reactions import Reactions

_PRICES = (2_500, 2_350)
"""What one ether costs, alternately: at the second price some of the wallets are below their users' thresholds."""


@asynccontextmanager
async def _open() -> AsyncIterator[Contest]:
    wallets, plans = wallets_and_plans()
    async with market_stage() as stage, database_stage() as admin_url:
        await stage.treasury.open_positions(plans)
        await _register(app_url(admin_url), wallets)
        container = Background(settings=_settings(stage, admin_url), url=worker_url(admin_url))
        try:
            yield await _contest(container, stage, wallets)
        finally:
            await container.chains().close()
            await container.database().close()


async def _contest(container: Background, stage: Stage, wallets: Sequence[Address]) -> Contest:
    chain_id = ChainId(stage.node.chain_id)
    chains: Chains = container.chains()
    snapshots = container.snapshots()
    decide = Reactions((container.detect_signals(),), wakes=_never, done=_nothing)
    reader = chains.readers.on(chain_id)
    chunks = await snapshots.plan()

    async def snapshot() -> None:
        facts = await asyncio.gather(
            *(snapshots.observe(chain_id=chain_id, wallets=chunk) for chunk in chunks)
        )
        if sum(fact.count for fact in facts if fact) != WITH_POSITION:
            raise AssertionError("The snapshot is not complete.")
        await decide.catch_up()

    async def read() -> None:
        await reader.read(wallets, await reader.head())

    await decide.catch_up()
    return Contest(ours=_after_a_move(stage, snapshot), floor=_after_a_block(stage, read))


async def _never() -> AsyncIterator[None]:
    return
    yield


def _nothing() -> None:
    pass


def _after_a_move(stage: Stage, snapshot: Callable[[], Awaitable[None]]) -> Run:
    prices = cycle(_PRICES)

    async def run() -> float:
        await stage.treasury.set_price("WETH", Decimal(next(prices)))
        return await timed(snapshot)()

    return run


def _after_a_block(stage: Stage, read: Callable[[], Awaitable[None]]) -> Run:
    """Read a block that nobody has read before, as the snapshot does: the node is slower at those."""

    async def run() -> float:
        await stage.chain.mine(1)
        return await timed(read)()

    return run


async def _register(url: str, wallets: Sequence[Address]) -> None:
    ids, clock = SystemIds(), SystemClock()
    database = PostgresDatabase(
        url, work=PostgresWork, clock=clock, ids=ids, secrets=KeyRing.read(SECRET_KEYS)
    )
    for start in range(0, len(wallets), MOST_WALLETS):
        first, *others = wallets[start : start + MOST_WALLETS]
        user_id, at = UserId(ids.new()), clock.now()
        preferences = Preferences.of(RiskProfile.MODERATE)
        async with database.begin(user_id) as work:
            change = User.register(id=user_id, wallet=first, preferences=preferences, at=at)
            await work.users.record(change)
            for wallet in others:
                change = change.state.link(wallet=wallet, label="", at=at)
                await work.users.record(change)
    await database.close()


def _settings(stage: Stage, admin_url: str) -> Settings:
    chain = ChainSettings.model_validate({"rpc_url": stage.node.url, "market": stage.market.provider})
    chains = {ChainId(stage.node.chain_id): chain}
    return Settings(_env_file=None, database_url=admin_url, secret_keys=SECRET_KEYS, chains=chains)


WORK = Work(name="snapshot", unit="s", open=_open, rounds=20)
