from dataclasses import dataclass

from application.identity.ports import IdentityWork
from application.shared.ports import Begin, Clock
from domain.identity.preferences import Channel
from domain.shared.errors import Invalid
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class ForgetContact:
    """Stop reaching a user by a chat or mailbox."""

    begin: Begin[IdentityWork]
    clock: Clock

    async def __call__(self, *, actor: UserId, channel: Channel) -> None:
        """Forget the contact; forgetting one that is not linked changes nothing."""
        if channel is Channel.IN_APP:
            raise Invalid("The app itself cannot be forgotten; take it off your channels instead.")
        at = self.clock.now()
        async with self.begin(actor) as work:
            user = await work.users.get(actor)
            forget = user.reach_by_telegram if channel is Channel.TELEGRAM else user.reach_by_email
            await work.users.record(forget(None, at=at))
