import re
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeAlias

import aiohttp
import orjson
from pydantic import BaseModel, ValidationError

from adapters.notify.quoting import quoted
from domain.shared.errors import Invalid

TELEGRAM = "https://api.telegram.org"
CONNECT_WITHIN = 5.0
_MOST_BYTES = 8 * 2**20
_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{1,200}")


class Parameters(BaseModel):
    """What the Bot API adds to a refusal."""

    retry_after: int | None = None


class Envelope(BaseModel):
    """The form of everything that the Bot API says."""

    ok: bool
    result: Any = None
    description: str = ""
    parameters: Parameters | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """An HTTP answer came; `envelope` is None when it is not in the Bot API's form."""

    status: int
    envelope: Envelope | None

    @property
    def words(self) -> str:
        """The Bot API's own words, or the status when there are none."""
        said = self.envelope.description if self.envelope else ""
        return said or f"HTTP status {self.status}"


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No answer came; `sent` when the request may have arrived all the same."""

    reason: str
    sent: bool


Reply: TypeAlias = Answered | Unanswered


class BotApi:
    """Telegram's Bot API for one bot. Connects at the first call; close it, or use `async with`.

    The token is in the request's path alone: no exception, log line or answer that leaves this class has it.
    """

    def __init__(self, token: str, *, url: str = TELEGRAM) -> None:
        """Raise Invalid when the token or the URL is malformed."""
        if not _TOKEN.fullmatch(token):
            raise Invalid(
                "The Telegram bot token is malformed: BotFather gives it as digits, a colon and letters."
            )
        if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", url):
            raise Invalid("The Bot API's URL is http:// or https://, a host, and perhaps a path.")
        self._token = token
        self._place = f"{url.rstrip('/')}/bot{token}"
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the connections; the next call opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def call(self, method: str, parameters: dict[str, object], *, patience: float) -> Reply:
        """Call a method and return what came of it within so many seconds; never raises for what the outside does."""
        timeout = aiohttp.ClientTimeout(total=patience, connect=min(CONNECT_WITHIN, patience / 2))
        try:
            async with self._open().post(
                f"{self._place}/{method}",
                data=orjson.dumps(parameters),
                headers={"content-type": "application/json", "accept-encoding": "identity"},
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                return self._answered(response.status, await _bounded(response))
        except aiohttp.ClientSSLError:
            return Unanswered("The Bot API's certificate or TLS handshake is not sound.", sent=False)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            return Unanswered("The Bot API cannot be reached.", sent=False)
        except TimeoutError:
            return Unanswered(f"The Bot API did not answer within {patience:g} seconds.", sent=True)
        except (aiohttp.ClientError, OSError):
            return Unanswered("The connection to the Bot API broke before the answer.", sent=True)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    def _answered(self, status: int, body: bytes | None) -> Answered:
        if body is None:
            return Answered(status, None)
        try:
            envelope = Envelope.model_validate_json(body)
        except ValidationError:
            return Answered(status, None)
        envelope.description = quoted(envelope.description, hiding=(self._token,))
        return Answered(status, envelope)


async def _bounded(response: aiohttp.ClientResponse) -> bytes | None:
    body = bytearray()
    async for part in response.content.iter_chunked(2**16):
        body += part
        if len(body) > _MOST_BYTES:
            response.close()
            return None
    return bytes(body)
