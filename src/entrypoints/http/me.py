from dataclasses import dataclass
from datetime import datetime

from application.identity.change_preferences import ChangePreferences
from application.identity.delete_me import DeleteMe
from application.identity.get_me import GetMe
from domain.identity.user import User
from domain.shared.ids import UserId
from entrypoints.http.frame.endpoint import Endpoint
from entrypoints.http.frame.fields import Identifier
from entrypoints.http.frame.models import View
from entrypoints.http.frame.reply import Reply
from entrypoints.http.preferences_models import PreferencesBody, PreferencesView
from entrypoints.http.wallet_models import WalletView


class MeView(View):
    """What Plimsoll knows of whoever asks."""

    id: Identifier
    wallet_address: str
    wallets: tuple[WalletView, ...]
    preferences: PreferencesView
    telegram_linked: bool
    email: str | None
    registered_at: datetime

    @staticmethod
    def of(user: User) -> "MeView":
        """Show a user to themselves."""
        return MeView(
            id=user.id,
            wallet_address=user.wallet_address,
            wallets=tuple(map(WalletView.of, user.wallets)),
            preferences=PreferencesView.of(user.preferences),
            telegram_linked=user.telegram_chat_id is not None,
            email=user.email,
            registered_at=user.registered_at,
        )


@dataclass(frozen=True, slots=True)
class MeApi:
    """The caller's own account."""

    get: GetMe
    change: ChangePreferences
    delete: DeleteMe

    def routes(self) -> tuple[Endpoint, ...]:
        """Return the endpoints."""
        return (
            Endpoint(method="GET", path="/v1/me", handler=self.get_me),
            Endpoint(method="DELETE", path="/v1/me", handler=self.delete_me, status=204),
            Endpoint(method="GET", path="/v1/me/preferences", handler=self.get_preferences),
            Endpoint(method="PUT", path="/v1/me/preferences", handler=self.put_preferences),
        )

    async def get_me(self, caller: UserId) -> Reply[MeView]:
        """Show the caller's account."""
        user = await self.get(actor=caller)
        return Reply(MeView.of(user), version=user.version)

    async def delete_me(self, caller: UserId, token: str) -> None:
        """Delete the account: nothing is watched any more, and every session ends."""
        await self.delete(actor=caller, token=token)

    async def get_preferences(self, caller: UserId) -> Reply[PreferencesView]:
        """Show what the caller wants to be told, when and how."""
        user = await self.get(actor=caller)
        return Reply(PreferencesView.of(user.preferences), version=user.version)

    async def put_preferences(
        self, caller: UserId, body: PreferencesBody, seen: tuple[int, ...] | None
    ) -> Reply[PreferencesView]:
        """Say anew what to be told, when and how.

        With If-Match, the change is made only if the account is still as the ETag says.
        """
        user = await self.change(actor=caller, preferences=body.preferences(), seen=seen)
        return Reply(PreferencesView.of(user.preferences), version=user.version)
