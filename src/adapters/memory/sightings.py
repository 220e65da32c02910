from collections.abc import Sequence
from dataclasses import dataclass

from adapters.codec.positions import decode
from adapters.memory.positions import StoredSnapshot
from adapters.memory.store import Transaction
from adapters.memory.table import Table
from application.audit.reading.sightings import Sighting
from application.shared.ports import Place
from domain.positions.events import PositionsObserved
from domain.shared.chain import Address
from domain.shared.ids import PositionId


@dataclass(frozen=True, slots=True)
class MemorySightings:
    """What was seen of wallets, in memory."""

    transaction: Transaction

    async def newest(self, wallet: Address, *, until: Place) -> Sequence[Sighting]:
        """Return the newest sighting of the wallet in each market at or before a position, by chain and market."""
        newest: dict[tuple[object, ...], Sighting] = {}
        for row in sorted(self._rows(wallet), key=lambda row: (row.snapshot.block.time, row.snapshot.id)):
            sighting = self._sighting(row)
            if sighting is not None and sighting.place <= until:
                newest[row.market] = sighting
        return [sighting for _, sighting in sorted(newest.items())]

    async def left(self, sighting: Sighting, *, until: Place) -> Place | None:
        """Return where the market first reported the wallet gone after the sighting; None if it did not by then."""
        watched = self._rows(sighting.seen.wallet)
        for recorded in self.transaction.store.log[sighting.place : until] if watched else ():
            fact = recorded.fact
            if isinstance(fact, PositionsObserved) and sighting.is_gone_by(fact):
                return recorded.place
        return None

    def _rows(self, wallet: Address) -> list[StoredSnapshot]:
        rows: Table[PositionId, StoredSnapshot] = Table(self.transaction, "positions")
        of_it = [row for row in rows.all() if row.snapshot.seen.wallet == wallet]
        return [row for row in of_it if self.transaction.sees(row.snapshot.user_id)]

    def _sighting(self, row: StoredSnapshot) -> Sighting | None:
        chain_id, protocol, market = row.market
        place = self._place(row)
        if place is None:
            return None
        seen, block = decode(row.observation)
        return Sighting(
            place=place,
            batch_id=row.snapshot.batch_id,
            user_id=row.snapshot.user_id,
            chain_id=chain_id,
            protocol=protocol,
            market=market,
            block=block,
            observed_at=row.snapshot.observed_at,
            seen=seen,
        )

    def _place(self, row: StoredSnapshot) -> Place | None:
        log = self.transaction.store.log
        return next((one.place for one in log if one.stream == row.snapshot.batch_id), None)
