from adapters.notify.email import SmtpNotifier
from adapters.notify.mail_server import MailServer
from adapters.notify.smtp import MailRelay
from adapters.system.clock import SystemClock

TO = "ann@example.com"
PASSWORD = "a pass phrase"


def notifier(server: MailServer) -> SmtpNotifier:
    return SmtpNotifier(MailRelay(server), SystemClock())
