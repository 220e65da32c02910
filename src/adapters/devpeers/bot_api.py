import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from aiohttp import web

from adapters.devpeers.bot_failures import Failure, refusal
from domain.shared.errors import Unavailable

TOKEN = "123456:local-bot-that-opens-nothing"  # noqa: S105 - it opens nothing
_MOST_KEPT = 100_000
_LONGEST = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message that the server took. `taken_at` is the monotonic time of that, in seconds."""

    message_id: int
    chat_id: str
    text: str
    taken_at: float


class LocalBotApi:
    """A Bot API on the loopback address, for one bot: it keeps what is sent, and lets people write to the bot.

    As with Telegram itself, a bot can write only to those who wrote to it first (`write` or `introduce`).
    """

    def __init__(self, *, token: str = TOKEN) -> None:
        self.token = token
        self.url = ""
        self.sent: deque[Sent] = deque(maxlen=_MOST_KEPT)
        self.blocked: set[str] = set()
        self._known: set[str] = set()
        self._failures: deque[Failure] = deque()
        self._updates: deque[dict[str, Any]] = deque(maxlen=_MOST_KEPT)
        self._numbers = count(1)
        self._changed = asyncio.Condition()
        self._poll = 0

    @classmethod
    @asynccontextmanager
    async def running_while(cls, *, port: int = 0, token: str = TOKEN) -> AsyncIterator["LocalBotApi"]:
        """Serve for as long as the block lasts; port 0 takes a free one. Raises Unavailable when it is taken."""
        server = cls(token=token)
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", server._call)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", port)
            try:
                await site.start()
            except OSError as error:
                raise Unavailable(
                    f"Port {port} is taken by another program; choose another one, or 0 for any that is free."
                ) from error
            server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield server
        finally:
            await server._end_polls()
            await runner.cleanup()

    def introduce(self, chat_id: str) -> None:
        """Let the bot write to the chat."""
        self._known.add(chat_id)

    async def write(self, chat_id: str, text: str | None, *, chat_type: str = "private") -> None:
        """Write to the bot; without text it is a photograph."""
        self.introduce(chat_id)
        message: dict[str, Any] = {
            "message_id": next(self._numbers),
            "date": int(time.time()),
            "chat": {"id": int(chat_id), "type": chat_type},
            "from": {"id": int(chat_id), "is_bot": False, "first_name": "Somebody"},
        }
        message["photo" if text is None else "text"] = text or []
        async with self._changed:
            self._updates.append({"update_id": next(self._numbers), "message": message})
            self._changed.notify_all()

    def fail(self, *failures: Failure, times: int = 1) -> None:
        """Let the next messages that the bot sends fail so, one after the other."""
        self._failures.extend(failures * times)

    async def until_sent(self, number: int, *, patience: float = 10) -> Sent:
        """Wait until so many messages were taken, and return the last of them; raises TimeoutError."""
        async with asyncio.timeout(patience), self._changed:
            await self._changed.wait_for(lambda: len(self.sent) >= number)
            return self.sent[number - 1]

    async def _call(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            return refusal(401, "Unauthorized")
        match request.match_info["method"]:
            case "getMe":
                bot = {"id": int(self.token.partition(":")[0]), "is_bot": True, "first_name": "Plimsoll"}
                return _granted(bot | {"username": "plimsoll_local_bot"})
            case "getUpdates":
                return await self._get_updates(await _parameters(request))
            case "sendMessage":
                return await self._send_message(request)
            case _:
                return refusal(404, "Not Found")

    async def _get_updates(self, parameters: dict[str, Any]) -> web.StreamResponse:
        offset, limit = int(parameters.get("offset", 0)), int(parameters.get("limit", 100))
        async with self._changed:
            self._poll += 1
            mine = self._poll
            self._changed.notify_all()
            while self._updates and self._updates[0]["update_id"] < offset:
                self._updates.popleft()
            try:
                async with asyncio.timeout(float(parameters.get("timeout", 0))):
                    await self._changed.wait_for(lambda: self._updates or self._poll != mine)
            except TimeoutError:
                return _granted([])
            if self._poll != mine:
                return refusal(409, "Conflict: terminated by other getUpdates request")
            return _granted(list(self._updates)[:limit])

    async def _send_message(self, request: web.Request) -> web.StreamResponse:
        failure = self._failures.popleft() if self._failures else None
        if failure is not None and not failure.takes:
            return await failure.answer(request) or web.Response(status=500)
        parameters = await _parameters(request)
        chat_id, text = str(parameters.get("chat_id", "")), str(parameters.get("text", ""))
        if chat_id in self.blocked:
            return refusal(403, "Forbidden: bot was blocked by the user")
        if chat_id not in self._known:
            return refusal(400, "Bad Request: chat not found")
        if not text.strip():
            return refusal(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > _LONGEST:
            return refusal(400, "Bad Request: message is too long")
        sent = Sent(message_id=next(self._numbers), chat_id=chat_id, text=text, taken_at=time.monotonic())
        async with self._changed:
            self.sent.append(sent)
            self._changed.notify_all()
        answer = await failure.answer(request) if failure is not None else None
        chat = {"id": int(chat_id), "type": "private"}
        usual = {"message_id": sent.message_id, "date": int(time.time()), "chat": chat, "text": text}
        return answer or _granted(usual)

    async def _end_polls(self) -> None:
        async with self._changed:
            self._poll += 1
            self._changed.notify_all()


def _granted(result: object) -> web.Response:
    return web.json_response({"ok": True, "result": result})


async def _parameters(request: web.Request) -> dict[str, Any]:
    if request.content_type != "application/json":
        return {**request.query, **await request.post()}
    try:
        parameters = await request.json()
    except json.JSONDecodeError:
        return {}
    return parameters if isinstance(parameters, dict) else {}
