from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from application.identity.forget_contact import ForgetContact
from application.identity.link_telegram import IssueTelegramCode
from application.identity.verify_email import RequestEmailCode, VerifyEmail
from domain.identity.preferences import Channel
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from entrypoints.http.frame.endpoint import Endpoint
from entrypoints.http.frame.models import Body, View


class TelegramCodeView(View):
    """A code that links the Telegram chat from which it is sent to the bot."""

    code: str
    expires_at: datetime
    deep_link: str | None = Field(
        description="Opens the chat with the bot and sends the code; null without a bot."
    )


class EmailBody(Body):
    """A mailbox that is the caller's."""

    email: str = Field(min_length=3, max_length=320)


class EmailCodeView(View):
    """A code is on its way to the mailbox."""

    expires_at: datetime


class EmailCodeBody(Body):
    """The code that came to the mailbox."""

    code: str = Field(min_length=1, max_length=40)


class EmailView(View):
    """A proven mailbox."""

    email: str


@dataclass(frozen=True, slots=True)
class ContactsApi:
    """Where else than in the app the caller can be reached.

    `telegram` says whether there is a bot at all, `telegram_bot` what its user name is, where that is known.
    """

    issue_telegram_code: IssueTelegramCode
    request_email_code: RequestEmailCode
    verify_email: VerifyEmail
    forget: ForgetContact
    telegram: bool = True
    telegram_bot: str | None = None

    def routes(self) -> tuple[Endpoint, ...]:
        """Return the endpoints."""
        telegram, email = "/v1/me/telegram", "/v1/me/email"
        return (
            Endpoint(
                method="POST",
                path=telegram,
                handler=self.post_telegram,
                status=201,
                keeps_secrets=True,
                refusals=(503,),
            ),
            Endpoint(method="DELETE", path=telegram, handler=self.delete_telegram, status=204),
            Endpoint(method="POST", path=email, handler=self.post_email, status=202),
            Endpoint(method="POST", path=f"{email}/verification", handler=self.post_verification),
            Endpoint(method="DELETE", path=email, handler=self.delete_email, status=204),
        )

    async def post_telegram(self, caller: UserId) -> TelegramCodeView:
        """Give out a code that links a Telegram chat, once it is sent to the bot from there."""
        if not self.telegram:
            raise Unavailable(
                "Telegram is not configured here; whoever runs Plimsoll has to set PLIMSOLL_TELEGRAM__TOKEN."
            )
        issued = await self.issue_telegram_code(actor=caller)
        link = f"https://t.me/{self.telegram_bot}?start={issued.code}" if self.telegram_bot else None
        return TelegramCodeView(code=issued.code, expires_at=issued.expires_at, deep_link=link)

    async def delete_telegram(self, caller: UserId) -> None:
        """Forget the caller's Telegram chat."""
        await self.forget(actor=caller, channel=Channel.TELEGRAM)

    async def post_email(self, caller: UserId, body: EmailBody) -> EmailCodeView:
        """Send a code to a mailbox that is to be proven."""
        return EmailCodeView(expires_at=await self.request_email_code(actor=caller, email=body.email))

    async def post_verification(self, caller: UserId, body: EmailCodeBody) -> EmailView:
        """Take the mailbox to which the code was sent."""
        return EmailView(email=await self.verify_email(actor=caller, code=body.code))

    async def delete_email(self, caller: UserId) -> None:
        """Forget the caller's mailbox."""
        await self.forget(actor=caller, channel=Channel.EMAIL)
