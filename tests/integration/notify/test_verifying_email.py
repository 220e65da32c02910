import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from adapters.devpeers.conversation import Stage, Trouble
from adapters.devpeers.mailbox import LocalMailbox
from adapters.memory.clock import ManualClock
from adapters.memory.database import MemoryDatabase
from adapters.memory.ids import SequentialIds
from adapters.notify.code_mailer import SmtpCodeMailer
from adapters.notify.mail_server import MailServer
from adapters.notify.smtp import MailRelay
from application.identity.codes import UnknownCode
from application.identity.forget_contact import ForgetContact
from application.identity.mailboxes import mailbox as address_of
from application.identity.verify_email import (
    CodeTooSoon,
    EmailAlreadyVerified,
    RequestEmailCode,
    VerifyEmail,
)
from domain.identity.preferences import Channel, Preferences, RiskProfile
from domain.identity.user import User
from domain.shared.chain import address
from domain.shared.errors import Invalid, Unavailable
from domain.shared.ids import UserId

TO = "Ann.Smith+alerts@example.com"
ANN, BOB = UserId(SequentialIds().new()), UserId(SequentialIds(made=1).new())


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def database(clock: ManualClock) -> MemoryDatabase:
    database = MemoryDatabase(clock)
    for number, user_id in enumerate((ANN, BOB), 1):
        async with database.begin(user_id) as work:
            wallet, preferences = address(f"0x{number:040x}"), Preferences.of(RiskProfile.MODERATE)
            await work.users.record(
                User.register(id=user_id, wallet=wallet, preferences=preferences, at=clock.now())
            )
    return database


@pytest.fixture
def request_code(database: MemoryDatabase, clock: ManualClock, mailbox: LocalMailbox) -> RequestEmailCode:
    server = MailServer(
        host="127.0.0.1",
        port=mailbox.port,
        sent_from="alerts@plimsoll.example",
        username="plimsoll",
        password="a pass phrase",
        ca_file=mailbox.ca_file,
    )
    mailer = SmtpCodeMailer(MailRelay(server), clock)
    return RequestEmailCode(database.begin, mailer, clock, SequentialIds())


@pytest.fixture
def verify(database: MemoryDatabase, clock: ManualClock) -> VerifyEmail:
    return VerifyEmail(database.begin, clock)


@pytest.fixture
def email_of(database: MemoryDatabase) -> Callable[[UserId], Awaitable[str | None]]:
    async def email_of(id: UserId) -> str | None:
        async with database.begin(id) as work:
            return (await work.users.get(id)).email

    return email_of


def code_in(mailbox: LocalMailbox) -> str:
    found = re.search(r"[A-Z2-7]{5}-[A-Z2-7]{5}", mailbox.letters[-1].message.get_content())
    assert found
    return found[0]


async def test_the_code_from_the_mailbox_verifies_it(
    request_code: RequestEmailCode,
    verify: VerifyEmail,
    mailbox: LocalMailbox,
    clock: ManualClock,
    email_of: Callable[[UserId], Awaitable[str | None]],
    database: MemoryDatabase,
) -> None:
    expires_at = await request_code(actor=ANN, email=f" {TO.replace('example', 'EXAMPLE')} ")
    assert expires_at == clock.now() + timedelta(minutes=10)
    assert mailbox.letters[-1].recipients == (TO,)
    assert await email_of(ANN) is None
    assert await verify(actor=ANN, code=code_in(mailbox).lower()) == TO
    assert await email_of(ANN) == TO
    with pytest.raises(EmailAlreadyVerified):
        await request_code(actor=ANN, email=TO)
    await ForgetContact(database.begin, clock)(actor=ANN, channel=Channel.EMAIL)
    assert await email_of(ANN) is None


async def test_a_code_is_of_use_to_nobody_else_and_works_once(
    request_code: RequestEmailCode, verify: VerifyEmail, mailbox: LocalMailbox
) -> None:
    await request_code(actor=ANN, email=TO)
    with pytest.raises(UnknownCode):
        await verify(actor=BOB, code=code_in(mailbox))
    await verify(actor=ANN, code=code_in(mailbox))
    with pytest.raises(UnknownCode):
        await verify(actor=ANN, code=code_in(mailbox))


async def test_a_code_expires(
    request_code: RequestEmailCode, verify: VerifyEmail, mailbox: LocalMailbox, clock: ManualClock
) -> None:
    await request_code(actor=ANN, email=TO)
    clock.advance(timedelta(minutes=10))
    with pytest.raises(UnknownCode):
        await verify(actor=ANN, code=code_in(mailbox))


@pytest.mark.parametrize("code", ["", "ABC", "AAAAAAAAAA", "!" * 10_000, "\x00"])
async def test_what_is_no_code_is_refused(verify: VerifyEmail, code: str) -> None:
    with pytest.raises(UnknownCode):
        await verify(actor=ANN, code=code)


async def test_a_user_gets_one_code_a_minute(
    request_code: RequestEmailCode, mailbox: LocalMailbox, clock: ManualClock
) -> None:
    await request_code(actor=ANN, email=TO)
    await request_code(actor=BOB, email="bob@example.com")
    for _ in range(2):
        with pytest.raises(CodeTooSoon):
            await request_code(actor=ANN, email="other@example.com")
    clock.advance(timedelta(minutes=1))
    await request_code(actor=ANN, email="other@example.com")
    assert len(mailbox.letters) == 3


async def test_a_code_that_could_not_be_sent_does_not_count(
    request_code: RequestEmailCode, mailbox: LocalMailbox
) -> None:
    mailbox.trouble(Trouble(Stage.RCPT, "451 later"))
    with pytest.raises(Unavailable, match="451 later"):
        await request_code(actor=ANN, email=TO)
    await request_code(actor=ANN, email=TO)
    assert len(mailbox.letters) == 1


@pytest.mark.parametrize(
    "text",
    [
        *("", "ann", "@", "ann@", "@example.com", "ann@localhost", "a b@example.com", "ann@example..com"),
        *(".ann@example.com", "ann.@example.com", "a..n@example.com", "ann@-example.com", "ann@127.0.0.1"),
        *(
            "ann@example.com\nBcc: eve@example.com",
            "<ann@example.com>",
            "ann@ex_ample.com",
            "änn@example.com",
        ),
        *("ann@exämple.com", "x" * 65 + "@example.com", "ann@" + "x." * 130 + "com", '"a b"@example.com'),
    ],
)
async def test_what_is_no_address_gets_no_mail(
    request_code: RequestEmailCode, mailbox: LocalMailbox, text: str
) -> None:
    with pytest.raises(Invalid):
        await request_code(actor=ANN, email=text)
    assert not mailbox.letters


@pytest.mark.parametrize("text", ["a@b.cd", "o'neil+x@sub.example.co", "x" * 64 + "@xn--exmple-cua.com"])
def test_an_address_is_taken_as_it_is(text: str) -> None:
    assert address_of(text) == text
