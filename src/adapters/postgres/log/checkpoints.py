from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from application.shared.ports import Place
from domain.shared.errors import StaleWrite

_HOLD: Final = text("SELECT position FROM checkpoints WHERE name = :name FOR UPDATE SKIP LOCKED")
_MAY_BEGIN: Final = text("SELECT pg_try_advisory_xact_lock(1347177731, hashtext(:name))")
_BEGIN: Final = text("INSERT INTO checkpoints (name, position) VALUES (:name, 0) ON CONFLICT DO NOTHING")
_MOVE: Final = text(
    "UPDATE checkpoints SET position = :place, updated_at = now() WHERE name = :name AND position <= :place"
)


@dataclass(frozen=True, slots=True)
class PostgresCheckpoints:
    """How far each reaction has come, held by a row lock until the commit."""

    connection: AsyncConnection

    async def hold(self, name: str) -> Place | None:
        """Return how far the reaction has come, and keep others from it; None, at once, if another has it."""
        place = await self._held(name)
        if place is not None:
            return place
        # Either another has the row, or there is none yet: whoever gets this lock may make it, and never waits for it.
        if not await self.connection.scalar(_MAY_BEGIN, {"name": name}):
            return None
        await self.connection.execute(_BEGIN, {"name": name})
        return await self._held(name)

    async def move(self, name: str, place: Place) -> None:
        """Put on record that everything up to here has had its effect; raises StaleWrite rather than go back."""
        moved = await self.connection.execute(_MOVE, {"name": name, "place": place})
        if moved.rowcount != 1:
            raise StaleWrite(f"The checkpoint {name}")

    async def _held(self, name: str) -> Place | None:
        place = await self.connection.scalar(_HOLD, {"name": name})
        return None if place is None else Place(place)
