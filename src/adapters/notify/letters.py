import re
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from adapters.notify.quoting import sayable
from application.identity.mailboxes import mailbox
from domain.shared.errors import Invalid

LONGEST_SUBJECT = 120
_POLICY = SMTP.clone(cte_type="7bit")


def sender(text: str) -> Address:
    """Return who mail comes from, out of `name <mailbox>` or a mailbox alone; raises Invalid."""
    if not text.isprintable():
        raise Invalid("The sender of mail is one line of printable characters.")
    name, plain = parseaddr(text)
    try:
        return Address(display_name=subject_of(name), addr_spec=mailbox(plain))
    except (ValueError, MessageError) as error:
        raise Invalid(f"{text[:60]!r} cannot be the sender of mail.") from error


def letter(
    *,
    origin: Address,
    to: str,
    subject: str,
    text: str,
    message_id: str,
    at: datetime,
    answers: str | None = None,
) -> EmailMessage:
    """Compose a letter of plain text; whatever the words are, they stay in the field that they were meant for."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = origin
    message["To"] = Address(addr_spec=mailbox(to))
    message["Subject"] = subject_of(subject)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id
    if answers is not None:
        message["In-Reply-To"] = answers
        message["References"] = answers
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(sayable(text), charset="utf-8", cte="quoted-printable")
    return message


def subject_of(text: str) -> str:
    """Return the text as one line that fits a mailbox's list."""
    text = text.replace("=?", "= ?")  # an encoded word could smuggle in a line break
    line = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", sayable(text)).split())
    return line if len(line) <= LONGEST_SUBJECT else f"{line[: LONGEST_SUBJECT - 1]}…"
