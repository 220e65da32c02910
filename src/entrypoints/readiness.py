import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from adapters.postgres import migrator
from application.positions.readers import Readers
from domain.shared.chain import ChainId
from domain.shared.errors import PlimsollError
from entrypoints.http.service import Check

_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """Looks whether the database answers, is migrated, and every configured chain has a head."""

    database_url: str = field(repr=False)
    readers: Readers

    async def __call__(self) -> Sequence[Check]:
        """Return what was looked at, each within five seconds."""
        return await asyncio.gather(self._database(), *(self._chain(chain) for chain in self.readers.chains))

    async def _database(self) -> Check:
        try:
            async with asyncio.timeout(_PATIENCE):
                found = await asyncio.to_thread(migrator.status, self.database_url)
        except TimeoutError:
            return Check("database", "It did not answer within five seconds.")
        except PlimsollError as error:
            return Check("database", str(error))
        if found.pending:
            return Check(
                "database", f"{len(found.pending)} migrations are pending; run `plimsoll db migrate`."
            )
        return Check("database")

    async def _chain(self, chain_id: ChainId) -> Check:
        name = f"chain {chain_id}"
        try:
            async with asyncio.timeout(_PATIENCE):
                await self.readers.on(chain_id).head()
        except TimeoutError:
            return Check(name, "The node did not answer within five seconds.")
        except PlimsollError as error:
            return Check(name, str(error))
        return Check(name)
