from collections.abc import Mapping
from dataclasses import dataclass

from adapters.notify.bot_api import BotApi
from adapters.notify.code_mailer import SmtpCodeMailer
from adapters.notify.email import SmtpNotifier
from adapters.notify.in_app import InAppNotifier
from adapters.notify.mail_server import MailServer
from adapters.notify.no_mailer import NoMailer
from adapters.notify.smtp import MailRelay
from adapters.notify.telegram import TelegramNotifier
from adapters.notify.telegram_inbox import BotInbox
from application.alerts.ports import Notifier
from application.identity.ports import CodeMailer, TelegramInbox
from application.shared.ports import Clock
from domain.identity.preferences import Channel
from entrypoints.settings import Settings, SmtpSettings


@dataclass(frozen=True, slots=True)
class Channels:
    """The configured ways to reach people."""

    notifiers: Mapping[Channel, Notifier]
    mailer: CodeMailer
    inbox: TelegramInbox | None
    bot: BotApi | None

    @staticmethod
    def of(settings: Settings, clock: Clock) -> "Channels":
        """Prepare the channels; nothing is sent yet. Raises Invalid for settings that cannot work."""
        notifiers: dict[Channel, Notifier] = {Channel.IN_APP: InAppNotifier()}
        mailer: CodeMailer = NoMailer()
        inbox = bot = None
        if settings.telegram is not None:
            bot = BotApi(settings.telegram.token.get_secret_value(), url=settings.telegram.api_url)
            inbox = BotInbox(bot)
            notifiers[Channel.TELEGRAM] = TelegramNotifier(bot)
        if settings.smtp is not None:
            relay = MailRelay(_mail_server(settings.smtp))
            notifiers[Channel.EMAIL] = SmtpNotifier(relay, clock)
            mailer = SmtpCodeMailer(relay, clock)
        return Channels(notifiers, mailer, inbox, bot)

    async def close(self) -> None:
        """Let go of the connections."""
        if self.bot is not None:
            await self.bot.close()


def _mail_server(smtp: SmtpSettings) -> MailServer:
    return MailServer(
        host=smtp.host,
        port=smtp.port,
        sent_from=smtp.sender,
        username=smtp.username,
        password=smtp.password.get_secret_value() if smtp.password else None,
        encryption=smtp.encryption,
        ca_file=smtp.ca_file,
    )
