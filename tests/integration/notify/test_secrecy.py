import asyncio
import logging
import traceback

import pytest
import structlog
from tests.integration.notify.conftest import CHAT
from tests.integration.notify.messages import message

from adapters.devpeers.bot_api import LocalBotApi
from adapters.devpeers.bot_failures import Failure, Garbage, Hangup, Says, ServerError, TooManyRequests
from adapters.notify.bot_api import BotApi
from adapters.notify.telegram import TelegramNotifier
from adapters.notify.telegram_inbox import BotInbox
from domain.shared.errors import Invalid, Unavailable


@pytest.mark.parametrize(
    ("token", "url"),
    [
        ("", "http://localhost"),
        ("no colon", "http://localhost"),
        ("1:a/../b", "http://localhost"),
        ("1:a\n", "http://localhost"),
        ("1:a", "ftp://localhost"),
        ("1:a", "http://user:pass@localhost"),
        ("1:a", "http://localhost/?x"),
        ("1:a", "localhost"),
    ],
)
def test_a_malformed_token_or_url_is_refused_without_repeating_it(token: str, url: str) -> None:
    with pytest.raises(Invalid) as refusal:
        BotApi(token, url=url)
    assert not token or token not in str(refusal.value)


async def test_the_token_is_nowhere_to_be_read(
    telegram: LocalBotApi, api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.stdlib.render_to_log_kwargs],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    secret = telegram.token.partition(":")[2]
    notifier, log = TelegramNotifier(api), structlog.get_logger("plimsoll")
    failures: list[Failure] = [
        TooManyRequests(1),
        ServerError(),
        Says(403, f"https://api.telegram.org/bot{telegram.token}/sendMessage is forbidden"),
        Garbage(),
        Hangup(),
        Hangup(takes=True),
    ]
    telegram.fail(*failures)
    said = [repr(notifier), repr(api)]
    for failure in failures:
        outcome = await notifier.send(CHAT, message())
        log.info("delivered", outcome=outcome, failure=failure, notifier=notifier)
        said.append(repr(outcome))
    said.append(repr(await notifier.send(CHAT, message())))
    telegram.fail(Hangup(), Says(403, f"bot{telegram.token} is forbidden"))
    for _ in range(2):
        with pytest.raises(Unavailable) as refusal:
            await BotInbox(api).reply(CHAT, "hello")
        log.error("not answered", exc_info=refusal.value)
        said += traceback.format_exception(refusal.value)
        assert refusal.value.__context__ is None
    structlog.reset_defaults()
    assert "not answered" in caplog.text
    assert secret not in caplog.text
    assert secret not in "".join(said)
