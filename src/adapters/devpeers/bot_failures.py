import asyncio
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web


class Failure(Protocol):
    """A way in which the Bot API lets its callers down. `takes` says whether it does what was asked all the same."""

    @property
    def takes(self) -> bool:
        """Whether the message is taken before the failure."""
        ...

    async def answer(self, request: web.Request) -> web.StreamResponse | None:
        """Return the answer that goes out instead, or None for the usual one, late."""
        ...


@dataclass(frozen=True, slots=True)
class TooManyRequests:
    """Ask for a pause of so many seconds."""

    retry_after: int
    takes: bool = False

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Say 429 as Telegram does."""
        return refusal(
            429, f"Too Many Requests: retry after {self.retry_after}", {"retry_after": self.retry_after}
        )


@dataclass(frozen=True, slots=True)
class ServerError:
    """Answer with a status of 500 or above, and a page that is not the Bot API's."""

    status: int = 502
    takes: bool = False

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Say that somebody else is to blame."""
        return web.Response(status=self.status, text="<html>Bad gateway</html>", content_type="text/html")


@dataclass(frozen=True, slots=True)
class Says:
    """Refuse with a status and a description, in the Bot API's form."""

    status: int
    description: str
    takes: bool = False

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Say no."""
        return refusal(self.status, self.description)


@dataclass(frozen=True, slots=True)
class Garbage:
    """Answer 200 with a body that means nothing."""

    body: bytes = b"<html>Welcome to the hotel's network</html>"
    takes: bool = True

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Say something else."""
        return web.Response(body=self.body, content_type="application/json")


@dataclass(frozen=True, slots=True)
class Hangup:
    """Close the connection without an answer; with `takes`, after the message was read and kept."""

    takes: bool = False

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Hang up."""
        if request.transport is not None:
            request.transport.abort()
        return web.Response()


@dataclass(frozen=True, slots=True)
class Slow:
    """Answer as usual, but only after so many seconds."""

    seconds: float
    takes: bool = True

    async def answer(self, request: web.Request) -> None:
        """Wait."""
        await asyncio.sleep(self.seconds)


def refusal(status: int, description: str, parameters: dict[str, int] | None = None) -> web.Response:
    """Return a refusal in the Bot API's form."""
    body: dict[str, object] = {"ok": False, "error_code": status, "description": description}
    if parameters:
        body["parameters"] = parameters
    return web.json_response(body, status=status)
