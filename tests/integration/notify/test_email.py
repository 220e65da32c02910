import logging
from dataclasses import replace

import pytest
from tests.integration.notify.letters import PASSWORD, TO, notifier
from tests.integration.notify.messages import ALERT, TEXT, message

from adapters.devpeers.conversation import Stage, Trouble
from adapters.devpeers.mailbox import LocalMailbox
from adapters.notify.code_mailer import SmtpCodeMailer
from adapters.notify.mail_server import MailServer
from adapters.notify.smtp import MailRelay
from adapters.system.clock import SystemClock
from application.alerts.ports import Lost, Refused, Taken
from domain.alerts.events import Purpose
from domain.shared.errors import Unavailable


@pytest.fixture
def server(mailbox: LocalMailbox) -> MailServer:
    return MailServer(
        host="127.0.0.1",
        port=mailbox.port,
        sent_from="Plimsoll <alerts@plimsoll.example>",
        username="plimsoll",
        password=PASSWORD,
        ca_file=mailbox.ca_file,
    )


async def test_a_letter_arrives_as_it_was_written(server: MailServer, mailbox: LocalMailbox) -> None:
    outcome = await notifier(server).send(TO, message())
    (letter,) = mailbox.letters
    assert (letter.sender, letter.recipients) == ("alerts@plimsoll.example", (TO,))
    assert letter.message.get_content().startswith(f"{TEXT}\n")
    assert letter.message["From"] == "Plimsoll <alerts@plimsoll.example>"
    assert letter.message["To"] == TO
    assert letter.message["Subject"] == ("Plimsoll: Critical: the health factor is 1.0432, below your 1.15")
    assert letter.message["Auto-Submitted"] == "auto-generated"
    assert letter.message["Date"]
    assert isinstance(outcome, Taken)
    assert outcome.receipt == {"reply": "250 2.0.0 OK: kept", "message_id": letter.message["Message-ID"]}
    assert str(ALERT) in outcome.receipt["message_id"]


async def test_a_second_copy_can_be_recognised(server: MailServer, mailbox: LocalMailbox) -> None:
    for attempt in (1, 2):
        await notifier(server).send(TO, message(attempt=attempt))
    await notifier(server).send(TO, message(purpose=Purpose.ALL_CLEAR))
    first, second, clear = (letter.message for letter in mailbox.letters)
    assert first["Message-ID"] == second["Message-ID"] != clear["Message-ID"]
    assert clear["In-Reply-To"] == first["Message-ID"]


@pytest.mark.parametrize("stage", list(Stage))
async def test_a_temporary_refusal_may_pass(server: MailServer, mailbox: LocalMailbox, stage: Stage) -> None:
    mailbox.trouble(Trouble(stage, "451 4.7.1 Try again later"))
    outcome = await notifier(server).send(TO, message())
    assert isinstance(outcome, Refused)
    assert not outcome.final
    assert "451 4.7.1 Try again later" in outcome.reason
    assert isinstance(await notifier(server).send(TO, message()), Taken)


@pytest.mark.parametrize("stage", list(Stage))
async def test_a_lasting_refusal_is_not_tried_again(
    server: MailServer, mailbox: LocalMailbox, stage: Stage
) -> None:
    mailbox.trouble(Trouble(stage, f"550 5.1.1 <{TO}>: unknown"))
    outcome = await notifier(server).send(TO, message())
    assert isinstance(outcome, Refused)
    assert outcome.final
    assert TO not in outcome.reason
    assert not mailbox.letters


@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA])
async def test_a_line_that_drops_before_the_letter_went_out_has_not_taken_it(
    server: MailServer, mailbox: LocalMailbox, stage: Stage
) -> None:
    mailbox.trouble(Trouble(stage))
    outcome = await notifier(server).send(TO, message())
    assert isinstance(outcome, Refused)
    assert not outcome.final


@pytest.mark.parametrize("takes", [True, False])
async def test_a_line_that_drops_after_the_letter_went_out_leaves_it_unconfirmed(
    server: MailServer, mailbox: LocalMailbox, takes: bool
) -> None:
    mailbox.trouble(Trouble(Stage.DOT, takes=takes))
    assert isinstance(await notifier(server).send(TO, message()), Lost)
    assert len(mailbox.letters) == takes


@pytest.mark.parametrize("says", ["hello", "2x0 what", "999 no such code", "120 " + "x" * 50_000])
async def test_nonsense_after_the_letter_went_out_leaves_it_unconfirmed(
    server: MailServer, mailbox: LocalMailbox, says: str
) -> None:
    mailbox.trouble(Trouble(Stage.DOT, says, takes=True))
    assert isinstance(await notifier(server).send(TO, message()), Lost)


@pytest.mark.parametrize("says", ["hello", "999 no such code"])
async def test_nonsense_before_the_letter_went_out_may_pass(
    server: MailServer, mailbox: LocalMailbox, says: str
) -> None:
    mailbox.trouble(Trouble(Stage.RCPT, says))
    outcome = await notifier(server).send(TO, message())
    assert isinstance(outcome, Refused)
    assert not outcome.final


async def test_a_wrong_password_is_a_matter_for_the_operator(
    server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = replace(server, password="wrong secret")
    outcome = await notifier(wrong).send(TO, message())
    assert isinstance(outcome, Refused)
    assert outcome.final
    assert "whoever runs Plimsoll" in outcome.reason
    for told in (outcome.reason, repr(wrong), caplog.text):
        assert "wrong secret" not in told


@pytest.mark.parametrize(
    "text",
    [
        "Ring\r\nBcc: eve@example.com\r\n\r\nbody. More",
        "Ring\rBcc: eve@example.com. More",
        "Ring\u2028Bcc: eve@example.com\x85X-Evil: yes. More",
        "Ring\x00\x0b\x0cBcc: eve@example.com. More",
        "=?utf-8?q?Ring=0D=0ABcc:_eve@example.com?=. More",
        "Ring\ud800. More",
        "é" * 500 + ". More",
        "x" * 5000,
        "",
    ],
)
async def test_no_text_gets_out_of_its_field(server: MailServer, mailbox: LocalMailbox, text: str) -> None:
    outcome = await notifier(server).send(TO, message(text))
    assert isinstance(outcome, Taken)
    (letter,) = mailbox.letters
    assert letter.recipients == (TO,)
    assert sorted(letter.message.keys()) == sorted(
        [
            *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
            *("Content-Type", "Content-Transfer-Encoding", "MIME-Version"),
        ]
    )
    assert letter.message["Subject"].startswith("Plimsoll:")


async def test_a_line_that_is_a_dot_does_not_end_the_letter(
    server: MailServer, mailbox: LocalMailbox
) -> None:
    text = "first\n.\n..\n.last\nMAIL FROM:<eve@example.com>"
    await notifier(server).send(TO, message(text))
    (letter,) = mailbox.letters
    assert letter.message.get_content().startswith(text)


@pytest.mark.parametrize(
    "contact",
    ["", "ann", "a b@example.com", "ann@example.com\r\nRCPT TO:<eve@example.com>", "a@b@c@d", "<a@b.c>"],
)
async def test_a_contact_that_is_no_mailbox_is_refused_before_anything_is_said(
    server: MailServer, mailbox: LocalMailbox, contact: str
) -> None:
    outcome = await notifier(server).send(contact, message())
    assert outcome == Refused("The mailbox on record is not an email address.", final=True)
    assert not mailbox.letters


async def test_a_code_reaches_the_mailbox(server: MailServer, mailbox: LocalMailbox) -> None:
    await SmtpCodeMailer(MailRelay(server), SystemClock()).send_code(TO, "ABCDEFGHIJ")
    (letter,) = mailbox.letters
    assert "ABCDE-FGHIJ" in letter.message.get_content()
    assert "ABCDE" not in letter.message["Subject"]


async def test_a_code_that_cannot_be_sent_says_so(server: MailServer, mailbox: LocalMailbox) -> None:
    mailbox.trouble(Trouble(Stage.RCPT, "550 no"))
    with pytest.raises(Unavailable, match="The code could not be sent") as refusal:
        await SmtpCodeMailer(MailRelay(server), SystemClock()).send_code(TO, "ABCDEFGHIJ")
    assert "ABCDE" not in str(refusal.value)
