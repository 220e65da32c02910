from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import BigInteger, Boolean, Column, Table, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.ids import ID
from adapters.postgres.rows import metadata, subject_of, subject_row
from adapters.postgres.statements import fetch, run
from domain.identity.preferences import SignalType
from domain.shared.chain import Address, ChainId
from domain.shared.ids import SignalId, UserId
from domain.signals.subject import Subject
from domain.signals.watch import Episode, PriceReference, Watch

watches = Table(
    "watches",
    metadata,
    Column("user_id", ID, primary_key=True),
    Column("chain_id", BigInteger, primary_key=True),
    Column("protocol", Text, primary_key=True),
    Column("market", Text, primary_key=True),
    Column("wallet_address", Text, primary_key=True),
    Column("state", JSONB),
    Column("has_episode", Boolean),
)

_OF = """
SELECT watches.* FROM watches JOIN unnest(
    %(users)b::uuid[], %(chains)b::int8[], %(protocols)b::text[], %(markets)b::text[], %(wallets)b::text[]
) AS named(user_id, chain_id, protocol, market, wallet_address)
USING (user_id, chain_id, protocol, market, wallet_address)
"""


@dataclass(frozen=True, slots=True)
class PostgresWatches:
    """What the detectors remember, in PostgreSQL."""

    connection: AsyncConnection

    async def of(self, subjects: Collection[Subject]) -> Mapping[Subject, Watch]:
        """Return the memory of those subjects of which there is any."""
        rows = await fetch(self.connection, _OF, _columns(subjects))
        return {watch.subject: watch for watch in map(_watch_of, rows)}

    async def standing(self, chain_id: ChainId, wallets: Collection[Address]) -> Sequence[Watch]:
        """Return the memories of these wallets on the chain that have a standing episode."""
        rows = await fetch(
            self.connection,
            "SELECT * FROM watches WHERE has_episode AND chain_id = %(chain)s "
            "AND wallet_address = ANY (%(wallets)b::text[])",
            {"chain": chain_id, "wallets": list(wallets)},
        )
        return _in_order(rows)

    async def of_wallet(self, user_id: UserId, wallet: Address | None) -> Sequence[Watch]:
        """Return the memories of one wallet of a user, or of all."""
        rows = await fetch(
            self.connection,
            "SELECT * FROM watches WHERE user_id = %(user)s "
            "AND (%(wallet)s::text IS NULL OR wallet_address = %(wallet)s)",
            {"user": user_id, "wallet": wallet},
        )
        return _in_order(rows)

    async def put(self, watches: Sequence[Watch]) -> None:
        """Store memories in place of the earlier ones."""
        ordered = sorted(watches, key=lambda watch: str(watch.subject))
        values = {
            **_columns([watch.subject for watch in ordered]),
            "states": [orjson.dumps(_state(watch)).decode() for watch in ordered],
            "standing": [bool(watch.episodes) for watch in ordered],
        }
        await run(self.connection, _PUT, values)


def row_of(watch: Watch) -> Mapping[str, object]:
    """Return the row that holds a memory."""
    return {**subject_row(watch.subject), "state": _state(watch), "has_episode": bool(watch.episodes)}


_PUT = """
INSERT INTO watches (user_id, chain_id, protocol, market, wallet_address, state, has_episode)
SELECT user_id, chain_id, protocol, market, wallet_address, state::jsonb, has_episode
FROM unnest(
    %(users)b::uuid[], %(chains)b::int8[], %(protocols)b::text[], %(markets)b::text[], %(wallets)b::text[],
    %(states)b::text[], %(standing)b::bool[]
) AS given(user_id, chain_id, protocol, market, wallet_address, state, has_episode)
ON CONFLICT (user_id, chain_id, protocol, market, wallet_address)
DO UPDATE SET state = excluded.state, has_episode = excluded.has_episode
"""


def _columns(subjects: Iterable[Subject]) -> dict[str, object]:
    named = list(subjects)
    return {
        "users": [subject.user_id for subject in named],
        "chains": [subject.chain_id for subject in named],
        "protocols": [subject.protocol.value for subject in named],
        "markets": [subject.market for subject in named],
        "wallets": [subject.wallet for subject in named],
    }


def _state(watch: Watch) -> dict[str, object]:
    return {
        "episodes": [[episode.type, episode.signal_id] for episode in watch.episodes],
        "references": [[known.asset, str(known.price), known.since] for known in watch.references],
    }


def _watch_of(row: Any) -> Watch:
    return Watch(
        subject=subject_of(row),
        episodes=tuple(
            Episode(SignalType(kind), SignalId(signal_id)) for kind, signal_id in row.state["episodes"]
        ),
        references=tuple(
            PriceReference(asset, int(price), datetime.fromisoformat(since))
            for asset, price, since in row.state["references"]
        ),
    )


def _in_order(rows: Iterable[Any]) -> Sequence[Watch]:
    return sorted(map(_watch_of, rows), key=lambda watch: str(watch.subject))
