from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.scratch.rows import Rows
from application.shared.ports import Place
from domain.shared.chain import Address, ChainId
from domain.shared.ids import UserId
from domain.signals.subject import Subject
from domain.signals.watch import Watch

TABLES: Final = (
    (
        "CREATE TABLE watches "
        "(id TEXT PRIMARY KEY, user TEXT, chain INT, wallet TEXT, standing INT, place INT, value BLOB)"
    ),
    "CREATE INDEX of_user ON watches (user)",
    "CREATE INDEX of_wallet ON watches (wallet, chain) WHERE standing",
)


@dataclass(frozen=True, slots=True)
class ScratchWatches:
    """What the detectors remember; what is put is put because of the fact at `place`."""

    rows: Rows
    place: Place

    async def of(self, subjects: Collection[Subject]) -> Mapping[Subject, Watch]:
        """Return the memory of those subjects of which there is any."""
        found = {subject: self.rows.get("watches", str(subject)) for subject in subjects}
        return {subject: watch for subject, watch in found.items() if watch is not None}

    async def standing(self, chain_id: ChainId, wallets: Collection[Address]) -> Sequence[Watch]:
        """Return the memories of these wallets on the chain that have a standing episode."""
        condition = "wallet = ? AND chain = ? AND standing"
        return _in_order(
            watch
            for wallet in set(wallets)
            for watch in self.rows.read("watches", condition, wallet, chain_id)
        )

    async def of_wallet(self, user_id: UserId, wallet: Address | None) -> Sequence[Watch]:
        """Return the memories of one wallet of a user, or of all."""
        return _in_order(self.rows.read("watches", "user = ? AND ? IN ('', wallet)", user_id, wallet or ""))

    async def put(self, watches: Sequence[Watch]) -> None:
        """Store memories in place of the earlier ones."""
        for watch in watches:
            subject = watch.subject
            found_by = {
                "user": subject.user_id,
                "chain": subject.chain_id,
                "wallet": subject.wallet,
                "standing": bool(watch.episodes),
                "place": self.place,
            }
            self.rows.put("watches", str(subject), watch, found_by)


def _in_order(watches: Iterable[Watch]) -> Sequence[Watch]:
    return sorted(watches, key=lambda watch: str(watch.subject))
