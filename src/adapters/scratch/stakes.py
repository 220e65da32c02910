from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from adapters.scratch.rows import Rows
from application.audit.replaying.memories import Stake
from application.positions.ports import Snapshot
from application.shared.ports import Place
from domain.positions.events import PositionsObserved
from domain.positions.position import Protocol
from domain.shared.chain import Address, ChainId
from domain.shared.ids import Id, UserId
from domain.signals.subject import Subject

TABLES: Final = (
    (
        "CREATE TABLE stakes (id TEXT PRIMARY KEY, user TEXT, wallet TEXT, chain INT, protocol TEXT, market TEXT, "
        "gone_at INT, place INT) WITHOUT ROWID"
    ),
    "CREATE INDEX of_market ON stakes (wallet, market, chain, protocol) WHERE gone_at IS NULL",
)

_STAND: Final = """
INSERT INTO stakes (id, user, wallet, chain, protocol, market, place) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET gone_at = NULL, place = excluded.place WHERE gone_at < ?
"""
_GO: Final = """
UPDATE stakes SET gone_at = ?, place = ?
WHERE wallet = ? AND market = ? AND chain = ? AND protocol = ? AND gone_at IS NULL
"""
_ALL: Final = "SELECT user, wallet, chain, protocol, market, gone_at FROM stakes"
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UNIT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ScratchStakes:
    """Who was seen in which market, as the facts say that PostgreSQL was told; `place` is that of the newest."""

    rows: Rows
    place: Place

    def observe(self, batch: PositionsObserved, snapshots: Sequence[Snapshot]) -> None:
        """Note what a batch saw; a wallet that it did not find is gone, for each user of whom it was ever seen."""
        at, chain, protocol, market = (
            _number(batch.block.time),
            batch.chain_id,
            batch.protocol.value,
            batch.market,
        )
        seen = {(one.user_id, one.seen.wallet) for one in snapshots}
        self.rows.connection.executemany(
            _STAND,
            (
                (
                    f"{user}/{wallet}/{chain}/{protocol}/{market}",
                    user,
                    wallet,
                    chain,
                    protocol,
                    market,
                    self.place,
                    at,
                )
                for user, wallet in seen
            ),
        )
        self.rows.connection.executemany(
            _GO, ((at, self.place, wallet, market, chain, protocol) for wallet in batch.without_position)
        )


def stakes_in(rows: Rows) -> Iterator[Stake]:
    """Go through all stakes, a few at a time."""
    for user, wallet, chain, protocol, market, gone_at in rows.connection.execute(_ALL):
        subject = Subject(
            user_id=UserId(Id(user)),
            wallet=Address(wallet),
            chain_id=ChainId(chain),
            protocol=Protocol(protocol),
            market=Address(market),
        )
        yield Stake(subject, None if gone_at is None else _BEGINNING + gone_at * _UNIT)


def _number(moment: datetime) -> int:
    return (moment - _BEGINNING) // _UNIT
