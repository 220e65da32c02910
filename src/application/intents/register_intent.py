from collections.abc import Collection
from dataclasses import dataclass

from application.intents.ports import IntentsWork
from application.shared.ports import Begin, Clock, Ids
from application.shared.requests import KeyReused
from domain.identity.errors import UserGone
from domain.identity.user import User
from domain.intents.errors import IntentNotFound, IntentRefused
from domain.intents.policies import Circumstances, refusal
from domain.intents.states import Intent, Proposed
from domain.intents.terms import Terms
from domain.shared.chain import ChainId
from domain.shared.change import Change
from domain.shared.ids import IntentId, UserId


@dataclass(frozen=True, slots=True)
class RegisterIntent:
    """Let a user say beforehand what should be done, and arm it if every policy agrees."""

    begin: Begin[IntentsWork]
    clock: Clock
    ids: Ids
    chains: Collection[ChainId]

    async def __call__(self, *, actor: UserId, terms: Terms, id: IntentId | None = None) -> Intent:
        """Return the armed intent, or raise IntentRefused with the policy's sentence.

        An `id` that is given makes the call repeatable: registering the same terms under it again returns the intent
        as it stands, and other terms raise KeyReused.
        """
        async with self.begin(actor) as work:
            if id is not None and (known := await _existing(work, id)) is not None:
                if known.terms != terms:
                    raise KeyReused
                return known
            user = await work.users.get(actor)
            around = self._around(user, armed=await work.intents.armed(actor))
            proposed = Proposed.by(actor, id=id or IntentId(self.ids.new()), terms=terms, at=around.now)
            no = refusal(proposed.state, around)
            if no is not None:
                raise IntentRefused(no)
            armed = proposed.state.arm(at=around.now)
            await work.intents.record(Change(armed.state, proposed.facts + armed.facts))
        return armed.state

    def _around(self, user: User, *, armed: int) -> Circumstances:
        if user.deleted_at is not None:
            raise UserGone
        return Circumstances(
            now=self.clock.now(),
            wallets=frozenset(wallet.address for wallet in user.wallets),
            chains=self.chains,
            armed=armed,
        )


async def _existing(work: IntentsWork, id: IntentId) -> Intent | None:
    try:
        return await work.intents.get(id)
    except IntentNotFound:
        return None
