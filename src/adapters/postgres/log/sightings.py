from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.codec.events import decode as decode_fact
from adapters.codec.events import names_of
from adapters.codec.positions import decode
from adapters.postgres.log.archived import PostgresArchived
from adapters.postgres.statements import fetch
from application.audit.proving.archive import Wanted
from application.audit.reading.sightings import Sighting
from application.shared.ports import Place
from domain.positions.events import PositionsObserved
from domain.positions.position import Protocol
from domain.shared.chain import Address

# Newest first by the block's time; the first one that the log held by then is it. `OFFSET 0` keeps the order before
# the question where a batch stands, so that it is asked of few.
_NEWEST: Final = """
SELECT newest.place, positions.* FROM (
    SELECT DISTINCT chain_id, protocol, market FROM stakes WHERE wallet_address = %(wallet)s
) AS seen_in
CROSS JOIN LATERAL (
    SELECT id, snapshot_at, place_of_batch(batch_id) AS place FROM (
        SELECT id, snapshot_at, batch_id FROM positions
        WHERE wallet_address = %(wallet)s AND chain_id = seen_in.chain_id AND protocol = seen_in.protocol
            AND market = seen_in.market
        ORDER BY snapshot_at DESC, id DESC OFFSET 0
    ) AS ordered
    WHERE place_of_batch(batch_id) <= %(until)s LIMIT 1
) AS newest
JOIN positions ON positions.id = newest.id AND positions.snapshot_at = newest.snapshot_at
ORDER BY positions.chain_id, positions.protocol, positions.market
"""
_LEFT: Final = """
SELECT place_of_leaving(%(wallet)s, %(chain)s, %(market)s, %(names)s::text[], %(after)s, %(until)s) AS place
"""


@dataclass(frozen=True, slots=True)
class PostgresSightings:
    """What was seen of wallets, from the rows of positions and the places of their batches."""

    connection: AsyncConnection
    archived: PostgresArchived

    async def newest(self, wallet: Address, *, until: Place) -> Sequence[Sighting]:
        """Return the newest sighting of the wallet in each market at or before a position, by chain and market."""
        return list(map(_sighting, await fetch(self.connection, _NEWEST, {"wallet": wallet, "until": until})))

    async def left(self, sighting: Sighting, *, until: Place) -> Place | None:
        """Return where the market first reported the wallet gone after the sighting; None if it did not by then."""
        values = {
            "wallet": sighting.seen.wallet,
            "chain": sighting.chain_id,
            "market": sighting.market,
            "names": list(names_of(PositionsObserved)),
            "after": sighting.place,
            "until": until,
        }
        in_files = await self._left_in_files(sighting, min(until, await self.archived.cut()))
        if in_files is not None:
            return in_files
        [row] = await fetch(self.connection, _LEFT, values)
        return None if row.place is None else Place(row.place)

    async def _left_in_files(self, sighting: Sighting, until: Place) -> Place | None:
        """Look where the function in the database cannot; whoever has a sighting may know what became of it."""
        if sighting.place >= until:
            return None
        wanted = Wanted(
            after=sighting.place,
            until=until,
            types=names_of(PositionsObserved),
            mentioning=sighting.seen.wallet.encode(),
        )
        for stored in await self.archived.facts_of_all(wanted):
            fact = decode_fact(stored.type, stored.payload)
            if isinstance(fact, PositionsObserved) and sighting.is_gone_by(fact):
                return stored.place
        return None


def _sighting(row: Any) -> Sighting:
    seen, block = decode(row.observation)
    return Sighting(
        place=Place(row.place),
        batch_id=row.batch_id,
        user_id=row.user_id,
        chain_id=row.chain_id,
        protocol=Protocol(row.protocol),
        market=row.market,
        block=block,
        observed_at=row.observed_at,
        seen=seen,
    )
