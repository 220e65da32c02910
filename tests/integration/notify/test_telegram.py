import socket
from datetime import timedelta

import pytest
from tests.integration.notify.conftest import CHAT
from tests.integration.notify.messages import ALERT, TEXT, message

from adapters.devpeers.bot_api import LocalBotApi
from adapters.devpeers.bot_failures import Failure, Garbage, Hangup, Says, ServerError, Slow, TooManyRequests
from adapters.notify.bot_api import BotApi
from adapters.notify.telegram import LONGEST, TelegramNotifier, shortened
from application.alerts.ports import Lost, Refused, Taken


async def test_a_message_arrives_as_it_was_written(telegram: LocalBotApi, api: BotApi) -> None:
    outcome = await TelegramNotifier(api).send(CHAT, message())
    (sent,) = telegram.sent
    assert (sent.chat_id, sent.text) == (CHAT, TEXT)
    assert isinstance(outcome, Taken)
    assert outcome.receipt["message_id"] == str(sent.message_id)
    assert outcome.receipt["chat"] == "…0011"
    assert outcome.receipt["date"].endswith("Z")


async def test_a_pause_that_telegram_asks_for_is_passed_on(telegram: LocalBotApi, api: BotApi) -> None:
    telegram.fail(TooManyRequests(retry_after=37))
    outcome = await TelegramNotifier(api).send(CHAT, message())
    assert isinstance(outcome, Refused)
    assert (outcome.final, outcome.retry_after) == (False, timedelta(seconds=37))
    assert isinstance(await TelegramNotifier(api).send(CHAT, message()), Taken)


async def test_an_absurd_pause_is_bounded(telegram: LocalBotApi, api: BotApi) -> None:
    telegram.fail(TooManyRequests(retry_after=10**30), TooManyRequests(retry_after=-5))
    first, second = [await TelegramNotifier(api).send(CHAT, message()) for _ in range(2)]
    assert isinstance(first, Refused)
    assert isinstance(second, Refused)
    assert (first.retry_after, second.retry_after) == (timedelta(days=1), None)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_error_is_a_refusal_that_may_pass(
    telegram: LocalBotApi, api: BotApi, status: int
) -> None:
    telegram.fail(ServerError(status), Says(status, "Internal Server Error"))
    for _ in range(2):
        outcome = await TelegramNotifier(api).send(CHAT, message())
        assert isinstance(outcome, Refused)
        assert not outcome.final
    assert not telegram.sent


async def test_a_chat_that_blocked_the_bot_is_not_tried_again(telegram: LocalBotApi, api: BotApi) -> None:
    telegram.blocked.add(CHAT)
    outcome = await TelegramNotifier(api).send(CHAT, message())
    assert outcome == Refused(
        "Telegram will not deliver to this chat: Forbidden: bot was blocked by the user.", final=True
    )


async def test_a_chat_that_does_not_exist_is_not_tried_again(api: BotApi) -> None:
    outcome = await TelegramNotifier(api).send("1", message())
    assert outcome == Refused(
        "Telegram will not deliver to this chat: Bad Request: chat not found.", final=True
    )


async def test_a_revoked_token_is_a_matter_for_the_operator(telegram: LocalBotApi) -> None:
    async with BotApi("123456:another-token", url=telegram.url) as api:
        outcome = await TelegramNotifier(api).send(CHAT, message())
    assert isinstance(outcome, Refused)
    assert outcome.final
    assert "whoever runs Plimsoll" in outcome.reason


@pytest.mark.parametrize(
    "failure",
    [
        Garbage(),
        Garbage(b""),
        Garbage(b"\xff\xfe\x00"),
        Garbage(b'{"ok": true}'),
        Garbage(b'{"ok": true, "result": {"message_id": "none", "date": -1}}'),
        Garbage(b'{"ok": true, "result": {"message_id": 1, "date": 99999999999999}}'),
        Garbage(b"[" * 100_000),
        Garbage(b" " * (9 * 2**20)),
        Hangup(takes=False),
        Hangup(takes=True),
        Slow(2),
    ],
    ids=str,
)
async def test_what_is_not_known_is_lost_and_never_failed(
    telegram: LocalBotApi, api: BotApi, failure: Failure
) -> None:
    telegram.fail(failure)
    patience = 0.3 if isinstance(failure, Slow) else 15
    outcome = await TelegramNotifier(api, patience=patience).send(CHAT, message())
    assert isinstance(outcome, Lost)
    assert len(telegram.sent) == failure.takes


async def test_a_machine_that_is_not_there_has_not_taken_the_message() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        async with BotApi("1:a", url=url) as api:
            assert await TelegramNotifier(api).send(CHAT, message()) == Refused(
                "The Bot API cannot be reached."
            )


async def test_a_machine_that_answers_no_knock_has_not_taken_the_message() -> None:
    with socket.socket() as deaf, socket.socket() as first, socket.socket() as second:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for caller in (first, second):
            caller.setblocking(False)
            caller.connect_ex(deaf.getsockname())
        async with BotApi("1:a", url=f"http://127.0.0.1:{deaf.getsockname()[1]}") as api:
            outcome = await TelegramNotifier(api, patience=0.6).send(CHAT, message())
    assert outcome == Refused("The Bot API cannot be reached.")


async def test_a_name_that_does_not_resolve_has_not_taken_the_message() -> None:
    async with BotApi("1:a", url="http://nowhere.invalid") as api:
        assert await TelegramNotifier(api).send(CHAT, message()) == Refused("The Bot API cannot be reached.")


async def test_a_handshake_that_fails_has_not_taken_the_message(telegram: LocalBotApi) -> None:
    async with BotApi("1:a", url=telegram.url.replace("http:", "https:")) as api:
        outcome = await TelegramNotifier(api).send(CHAT, message())
    assert isinstance(outcome, Refused)
    assert not outcome.final


async def test_a_long_message_is_shortened_and_says_where_the_rest_is(
    telegram: LocalBotApi, api: BotApi
) -> None:
    for text in ("x" * 5000, "🛟" * 3000, "a" + "🛟" * 3000):
        assert isinstance(await TelegramNotifier(api).send(CHAT, message(text)), Taken)
        arrived = telegram.sent[-1].text
        assert arrived.endswith(f"… (shortened: alert {ALERT} in the app has the rest)")
        assert LONGEST - 1 <= len(arrived.encode("utf-16-le")) // 2 <= LONGEST
        assert text.startswith(arrived.partition("…")[0])


def test_a_message_that_just_fits_stays_whole() -> None:
    assert shortened("x" * LONGEST, ALERT) == "x" * LONGEST
    assert shortened("🛟" * (LONGEST // 2), ALERT) == "🛟" * (LONGEST // 2)


async def test_text_that_no_channel_can_carry_is_cleaned(telegram: LocalBotApi, api: BotApi) -> None:
    assert isinstance(await TelegramNotifier(api).send(CHAT, message("a\x00b\ud800c\nd")), Taken)
    assert telegram.sent[-1].text == "ab?c\nd"


async def test_what_looks_like_markup_is_plain_text(telegram: LocalBotApi, api: BotApi) -> None:
    text = "<b>*_[x](http://example.com)</b> & `\"',\n{}"
    await TelegramNotifier(api).send(CHAT, message(text))
    assert telegram.sent[-1].text == text
