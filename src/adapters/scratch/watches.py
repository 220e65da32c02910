from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.scratch.rows import Rows
from domain.shared.chain import Address, ChainId
from domain.shared.ids import UserId
from domain.signals.subject import Subject
from domain.signals.watch import Watch

TABLES: Final = (
    "CREATE TABLE watches (subject TEXT PRIMARY KEY, user BLOB, chain INT, wallet TEXT, standing INT, value BLOB)",
    "CREATE INDEX of_user ON watches (user)",
    "CREATE INDEX of_wallet ON watches (wallet, chain) WHERE standing",
)
_OF: Final = "SELECT value FROM watches WHERE subject = ?"
_STANDING: Final = "SELECT value FROM watches WHERE wallet = ? AND chain = ? AND standing"
_OF_USER: Final = "SELECT value FROM watches WHERE user = ? AND ?2 IN ('', wallet)"
_PUT: Final = "INSERT OR REPLACE INTO watches VALUES (?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class ScratchWatches:
    """What the detectors remember."""

    rows: Rows

    async def of(self, subjects: Collection[Subject]) -> Mapping[Subject, Watch]:
        """Return the memory of those subjects of which there is any."""
        found = {subject: self.rows.read(_OF, [str(subject)]) for subject in subjects}
        return {subject: watch for subject, known in found.items() for watch in known}

    async def standing(self, chain_id: ChainId, wallets: Collection[Address]) -> Sequence[Watch]:
        """Return the memories of these wallets on the chain that have a standing episode."""
        return _in_order(
            watch for wallet in set(wallets) for watch in self.rows.read(_STANDING, [wallet, chain_id])
        )

    async def of_wallet(self, user_id: UserId, wallet: Address | None) -> Sequence[Watch]:
        """Return the memories of one wallet of a user, or of all."""
        return _in_order(self.rows.read(_OF_USER, [user_id.bytes, wallet or ""]))

    async def put(self, watches: Sequence[Watch]) -> None:
        """Store memories in place of the earlier ones."""
        self.rows.put(_PUT, map(_row, watches))


def _row(watch: Watch) -> tuple[object, ...]:
    subject = watch.subject
    return str(subject), subject.user_id.bytes, subject.chain_id, subject.wallet, bool(watch.episodes), watch


def _in_order(watches: Iterable[Watch]) -> Sequence[Watch]:
    return sorted(watches, key=lambda watch: str(watch.subject))
