from dataclasses import dataclass
from datetime import datetime
from typing import Final

from application.audit.forgetting.forgetting import ForgetWork, PersonalFacts
from application.shared.ports import Begin, Clock
from domain.identity.user import User
from domain.shared.errors import StaleWrite
from domain.shared.forgotten import FORGOTTEN
from domain.shared.ids import UserId

TRIES: Final = 3
"""Who writes of the user in the same moment is waited for; of two who wait for one another, one has to try again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting:
    """What forgetting a user does, did, or would do. `done_before` when there was nothing left to do."""

    user: User
    facts: PersonalFacts
    withdrawn: int
    erased: int
    done_before: bool

    @property
    def at(self) -> datetime | None:
        """When the user was forgotten; None while they are not."""
        return self.user.forgotten_at


@dataclass(frozen=True, slots=True)
class ForgetUser:
    """Destroy a user's key, so that nobody can read what the log says of who they are; and put that on record.

    The log's bytes stay as they are, and so does every hash over them. A key that a backup brought back is destroyed
    again.
    """

    begin: Begin[ForgetWork]
    clock: Clock

    async def __call__(self, user_id: UserId) -> Forgetting:
        """Forget the user; raises NotFound for one that there never was, and StaleWrite."""
        for _ in range(TRIES - 1):
            try:
                return await self._forget(user_id)
            except StaleWrite:
                continue
        return await self._forget(user_id)

    async def foreseen(self, user_id: UserId) -> Forgetting:
        """Say what would be lost, and touch nothing; raises NotFound."""
        async with self.begin(None) as work:
            user, pending = await work.users.get(user_id), await work.traces.pending(user_id)
            gone = user.forgotten_at is not None and user_id not in await work.traces.revived()
            return Forgetting(
                user=user,
                facts=await work.traces.facts(user_id),
                withdrawn=len(pending),
                erased=0,
                done_before=gone and not pending,
            )

    async def revived(self) -> tuple[UserId, ...]:
        """Return who was forgotten and has a key all the same, because a backup brought it back."""
        async with self.begin(None) as work:
            return tuple(await work.traces.revived())

    async def _forget(self, user_id: UserId) -> Forgetting:
        """Hold states before the key, as everybody does who writes: so nobody waits in a circle."""
        at = self.clock.now()
        async with self.begin(None) as work:
            await work.traces.drop_half_built()
            user = await work.users.hold(user_id)
            change = user.forget(at=at)
            await work.users.record(change)
            pending = await work.traces.hold_pending(user_id)
            for delivery in pending:
                await work.deliveries.record(delivery.withdraw(reason=FORGOTTEN, at=at))
            there = await work.subjects.hold_to_destroy(user_id)
            facts = await work.traces.facts(user_id)
            done_before = not (change.facts or pending or there)
            erased = 0
            if not done_before:
                erased = await work.traces.erase(user_id)
                await work.subjects.destroy(user_id, at=at)
        return Forgetting(
            user=change.state, facts=facts, withdrawn=len(pending), erased=erased, done_before=done_before
        )
