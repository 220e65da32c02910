import re
from collections.abc import AsyncIterator

import pytest
from tests.integration.http.house import House
from tests.integration.http.visitor import Visitor
from tests.unit.application.world import World

from adapters.devpeers.mailbox import LocalMailbox
from adapters.notify.code_mailer import SmtpCodeMailer
from adapters.notify.mail_server import MailServer
from adapters.notify.smtp import MailRelay


@pytest.fixture
async def mailbox() -> AsyncIterator[LocalMailbox]:
    async with LocalMailbox.running_while() as mailbox:
        yield mailbox


@pytest.fixture
def house(world: World, mailbox: LocalMailbox) -> House:
    server = MailServer(
        host=mailbox.host, port=mailbox.port, sent_from="alerts@plimsoll.test", ca_file=mailbox.ca_file
    )
    mailer = SmtpCodeMailer(MailRelay(server), world.clock)
    return House(
        begin=world.begin,
        begin_sight=world.database.begin_sight,
        clock=world.clock,
        ids=world.ids,
        readers=world.readers,
        mailer=mailer,
    )


async def test_a_mailbox_is_proven_by_the_code_that_came_to_it(ann: Visitor, mailbox: LocalMailbox) -> None:
    asked = await ann.post("/v1/me/email", {"email": "Ann@Example.org"})
    assert asked.status == 202
    code = re.search(r"code is (\S+)", mailbox.letters[-1].message.get_content())
    assert code is not None
    assert (await ann.post("/v1/me/email/verification", {"code": "AAAAAAAAAA"})).status == 422
    proven = await ann.post("/v1/me/email/verification", {"code": code[1]})
    assert (proven.status, proven["email"]) == (200, "Ann@example.org")
    assert (await ann.get("/v1/me"))["email"] == "Ann@example.org"
    assert (await ann.delete("/v1/me/email")).status == 204
    assert (await ann.get("/v1/me"))["email"] is None


async def test_a_second_code_has_to_wait(ann: Visitor) -> None:
    assert (await ann.post("/v1/me/email", {"email": "ann@example.org"})).status == 202
    answer = await ann.post("/v1/me/email", {"email": "ann@example.org"})
    assert (answer.status, answer.problem) == (409, "conflict")


async def test_a_repeated_request_sends_one_letter(ann: Visitor, mailbox: LocalMailbox) -> None:
    for _ in range(2):
        answer = await ann.post(
            "/v1/me/email", {"email": "ann@example.org"}, headers={"Idempotency-Key": ":email-code"}
        )
        assert answer.status == 202
    assert len(mailbox.letters) == 1


@pytest.mark.parametrize("email", ["ann", "ann@", "a\r\nBcc: x@y.z@example.org", "x" * 400])
async def test_what_is_no_mailbox_is_refused(ann: Visitor, email: str) -> None:
    assert (await ann.post("/v1/me/email", {"email": email})).status == 422


async def test_a_mail_server_that_is_down_is_told_so(ann: Visitor, house: House) -> None:
    async with LocalMailbox.running_while() as other:
        house.mailer.relay.server = MailServer(  # type: ignore[attr-defined]
            host=other.host, port=other.port, sent_from="alerts@plimsoll.test", ca_file=other.ca_file
        )
    answer = await ann.post("/v1/me/email", {"email": "ann@example.org"})
    assert (answer.status, answer.problem) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "5"
