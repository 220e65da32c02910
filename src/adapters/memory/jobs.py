from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from domain.shared.chain import Address, ChainId
from domain.shared.ids import Id


@dataclass(frozen=True, slots=True)
class SnapshotChain:
    """Every watched wallet on the chain is to be read."""

    chain_id: ChainId


@dataclass(frozen=True, slots=True)
class SnapshotWallets:
    """These wallets are to be read."""

    chain_id: ChainId
    wallets: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class DoAudit:
    """This audit is to be done."""

    job_id: Id


Job: TypeAlias = SnapshotChain | SnapshotWallets | DoAudit


@dataclass(slots=True)
class MemoryJobs:
    """Work that waits for a worker in the same process."""

    waiting: list[Job] = field(default_factory=list)

    async def snapshot_chain(self, chain_id: ChainId) -> None:
        """Ask for a snapshot of a chain; while one is waiting, asking again adds none."""
        if SnapshotChain(chain_id) not in self.waiting:
            self.waiting.append(SnapshotChain(chain_id))

    async def snapshot_wallets(self, chain_id: ChainId, wallets: Sequence[Address]) -> None:
        """Ask for a snapshot of a chunk of wallets."""
        self.waiting.append(SnapshotWallets(chain_id, tuple(wallets)))

    async def audit(self, job_id: Id) -> None:
        """Ask for an audit; while it is waiting, asking again adds none."""
        if DoAudit(job_id) not in self.waiting:
            self.waiting.append(DoAudit(job_id))

    def take(self) -> Job | None:
        """Take the oldest job, as a worker does."""
        return self.waiting.pop(0) if self.waiting else None
