from benchmarks import block_to_message, read_wallets, snapshot
from benchmarks.work import Work

WORKS: tuple[Work, ...] = (read_wallets.WORK, snapshot.WORK, block_to_message.WORK)
