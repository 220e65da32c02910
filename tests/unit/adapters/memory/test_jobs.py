from tests.examples import CHAIN, wallet

from adapters.memory.jobs import MemoryJobs, SnapshotChain, SnapshotWallets


async def test_a_chain_that_waits_is_not_asked_for_twice() -> None:
    jobs = MemoryJobs()
    for _ in range(2):
        await jobs.snapshot_chain(CHAIN)
    assert jobs.take() == SnapshotChain(CHAIN)
    assert jobs.take() is None
    await jobs.snapshot_chain(CHAIN)
    assert jobs.take() == SnapshotChain(CHAIN)


async def test_jobs_are_taken_in_order() -> None:
    jobs = MemoryJobs()
    await jobs.snapshot_wallets(CHAIN, [wallet("ada")])
    await jobs.snapshot_chain(CHAIN)
    assert jobs.take() == SnapshotWallets(CHAIN, (wallet("ada"),))
    assert jobs.take() == SnapshotChain(CHAIN)
