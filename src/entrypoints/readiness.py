import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog

from adapters.postgres import migrator
from application.positions.readers import Readers
from domain.shared.chain import ChainId
from domain.shared.errors import PlimsollError
from entrypoints.http.service import Check

_log = structlog.get_logger(__name__)

_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """Looks whether the database answers, is migrated, and every configured chain has a head.

    However often it is asked, each thing is looked at once at a time: what hangs must not gather a crowd.
    """

    database_url: str = field(repr=False)
    readers: Readers
    looks: dict[str, "asyncio.Task[str | None]"] = field(default_factory=dict, init=False, repr=False)

    async def __call__(self) -> Sequence[Check]:
        """Return what was looked at, each within five seconds."""
        return await asyncio.gather(
            self._look("database", self._database),
            *(self._look(f"chain {chain}", partial(self._chain, chain)) for chain in self.readers.chains),
        )

    async def _look(self, name: str, question: Callable[[], Coroutine[object, object, str | None]]) -> Check:
        look = self.looks.get(name)
        if look is None or look.done():
            look = self.looks[name] = asyncio.create_task(_answered(name, question()))
        await asyncio.wait({look}, timeout=_PATIENCE)
        return Check(name, look.result() if look.done() else "It did not answer within five seconds.")

    async def _database(self) -> str | None:
        found = await asyncio.to_thread(migrator.status, self.database_url)
        if found.pending:
            return f"{len(found.pending)} migrations are pending; run `plimsoll db migrate`."
        return None

    async def _chain(self, chain_id: ChainId) -> None:
        await self.readers.on(chain_id).head()


async def _answered(name: str, question: Coroutine[object, object, str | None]) -> str | None:
    """Return why the thing is not there; None when it is."""
    try:
        return await question
    except PlimsollError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - a page that says what is missing must not break over it
        _log.exception("readiness", of=name)
        return f"It could not be looked at ({type(error).__name__}); the log says more."
