import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.integration.notify.letters import PASSWORD, TO, notifier
from tests.integration.notify.messages import message

from adapters.devpeers.mailbox import LocalMailbox
from adapters.notify.mail_server import Encryption, MailServer
from adapters.notify.smtp import MailRelay
from application.alerts.ports import Refused, Taken
from domain.shared.errors import Invalid


async def test_a_server_that_is_not_there_has_not_taken_the_letter() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        server = MailServer(host="127.0.0.1", port=unused.getsockname()[1], sent_from="a@example.com")
        assert await notifier(server).send(TO, message()) == Refused("The mail server cannot be reached.")


async def test_a_silent_server_has_not_taken_the_letter() -> None:
    async with answering(b"") as port:
        server = MailServer(host="127.0.0.1", port=port, sent_from="a@example.com", patience=0.3)
        outcome = await notifier(server).send(TO, message())
    assert outcome == Refused("The mail server cannot be reached.")


async def test_a_server_that_wants_nobody_is_not_tried_again() -> None:
    async with answering(b"554 No service\r\n") as port:
        server = MailServer(host="127.0.0.1", port=port, sent_from="a@example.com")
        outcome = await notifier(server).send(TO, message())
    assert isinstance(outcome, Refused)
    assert outcome.final


async def test_a_server_without_encryption_gets_nothing() -> None:
    async with LocalMailbox.running_while(starttls=False) as mailbox:
        server = MailServer(host="127.0.0.1", port=mailbox.port, sent_from="a@example.com")
        outcome = await notifier(server).send(TO, message())
        assert isinstance(outcome, Refused)
        assert not outcome.final
        assert "no encryption that can be trusted" in outcome.reason
        assert not mailbox.letters
        plain = notifier(replace(server, encryption=Encryption.NONE))
        assert isinstance(await plain.send(TO, message()), Taken)


@pytest.mark.parametrize(
    "distrust",
    [
        lambda server: replace(server, ca_file=None),
        lambda server: replace(server, host="localhost"),
        lambda server: replace(server, encryption=Encryption.IMPLICIT),
    ],
    ids=["unknown authority", "another name", "no handshake"],
)
async def test_a_server_that_cannot_prove_itself_gets_nothing(
    distrust: Callable[[MailServer], MailServer],
) -> None:
    async with LocalMailbox.running_while(names=("127.0.0.1",)) as mailbox:
        server = MailServer(
            host="127.0.0.1",
            port=mailbox.port,
            sent_from="a@example.com",
            ca_file=mailbox.ca_file,
            patience=2,
        )
        outcome = await notifier(distrust(server)).send(TO, message())
        assert isinstance(outcome, Refused)
        assert not outcome.final
        assert "no encryption that can be trusted" in outcome.reason
        assert not mailbox.letters
        assert isinstance(await notifier(server).send(TO, message()), Taken)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda right: replace(right, host=""),
        lambda right: replace(right, port=0),
        lambda right: replace(right, username="ann"),
        lambda right: replace(right, sent_from="nobody"),
        lambda right: replace(right, sent_from="a@example.com\r\nBcc: eve@example.com"),
        lambda right: replace(right, username="ann", password=PASSWORD, encryption=Encryption.NONE),
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: Callable[[MailServer], MailServer]) -> None:
    right = MailServer(host="localhost", port=587, sent_from="a@example.com")
    with pytest.raises(Invalid) as refusal:
        wrong(right)
    assert PASSWORD not in str(refusal.value)


def test_a_ca_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    for name in ("ca.pem", "missing.pem"):
        server = MailServer(host="h", port=25, sent_from="a@example.com", ca_file=tmp_path / name)
        with pytest.raises(Invalid, match=name):
            MailRelay(server)


@asynccontextmanager
async def answering(greeting: bytes) -> AsyncIterator[int]:
    parted = asyncio.Event()

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await reader.read()
        writer.close()
        await writer.wait_closed()
        parted.set()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as listener:
        yield listener.sockets[0].getsockname()[1]
        await parted.wait()
