from benchmarks import read_wallets
from benchmarks.work import Work

WORKS: tuple[Work, ...] = (read_wallets.WORK,)
