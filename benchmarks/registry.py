from benchmarks import block_to_message, read_wallets, snapshot
from benchmarks.log import append, append_callers, replay, verify
from benchmarks.work import Work

WORKS: tuple[Work, ...] = (
    read_wallets.WORK,
    snapshot.WORK,
    block_to_message.WORK,
    append.APPEND_1,
    append.APPEND_1000,
    append_callers.WORK,
    replay.WORK,
    verify.WORK,
)
