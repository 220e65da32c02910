from typing import Final

from sqlalchemy import BigInteger, Column, DateTime, Table, Text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.ids import ID
from adapters.postgres.rows import metadata
from adapters.postgres.statements import run
from domain.positions.events import PositionsObserved

stakes = Table(
    "stakes",
    metadata,
    Column("user_id", ID, primary_key=True),
    Column("wallet_address", Text, primary_key=True),
    Column("chain_id", BigInteger, primary_key=True),
    Column("protocol", Text, primary_key=True),
    Column("market", Text, primary_key=True),
    Column("gone_at", DateTime(timezone=True)),
)


async def hold_market(connection: AsyncConnection, batch: PositionsObserved) -> None:
    """Let nobody else store a batch of this market until the commit.

    What stakes become depends on the order of the batches: so it has to be that of their facts in the log.
    """
    market = f"{batch.chain_id}/{batch.protocol}/{batch.market}"
    await run(connection, _HOLD, {"market": market})


_HOLD: Final = "SELECT pg_advisory_xact_lock(1347177734, hashtext(%(market)s))"

STAND: Final = """
INSERT INTO stakes (user_id, wallet_address, chain_id, protocol, market)
SELECT DISTINCT user_id, wallet, %(chain)s::bigint, %(protocol)s, %(market)s
FROM unnest(%(users)b::uuid[], %(wallets)b::text[]) AS given(user_id, wallet)
WHERE NOT EXISTS (
    SELECT FROM stakes WHERE stakes.user_id = given.user_id AND wallet_address = wallet AND chain_id = %(chain)s
        AND protocol = %(protocol)s AND market = %(market)s AND gone_at IS NULL
)
ORDER BY user_id, wallet
ON CONFLICT (user_id, wallet_address, chain_id, protocol, market)
DO UPDATE SET gone_at = NULL WHERE stakes.gone_at < %(time)s
"""
"""Every wallet that was seen stands, unless it is gone since this block or a later one."""

GO: Final = """
UPDATE stakes SET gone_at = %(time)s
WHERE wallet_address = ANY (%(wallets)b::text[]) AND chain_id = %(chain)s AND protocol = %(protocol)s
    AND market = %(market)s AND gone_at IS NULL
"""
"""Every wallet that was not found is gone."""
