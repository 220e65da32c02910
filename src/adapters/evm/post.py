import asyncio

import aiohttp

from adapters.evm.refusals import TooLarge, nonsense
from domain.shared.chain import ChainId
from domain.shared.errors import Unavailable

_HEADERS = {"content-type": "application/json", "accept": "application/json"}
_BUSY = {429, 502, 503, 504}
_PATIENCE = (0.2, 0.6)
_LONGEST_WAIT = 2.0


class Endpoint:
    """Posts bytes to one URL and returns the answer's, within a time and a size; asks a busy node again, twice."""

    def __init__(self, url: str, *, chain_id: ChainId, timeout: float, most_bytes: int) -> None:
        self._url = url
        self._chain_id = chain_id
        self._timeout = timeout
        self._most = most_bytes
        self._session: aiohttp.ClientSession | None = None

    async def post(self, body: bytes) -> bytes | bytearray:
        """Return the body of the answer.

        Raises TooLarge, Unavailable with a sentence, or the connection's own error.
        """
        for wait in _PATIENCE:
            try:
                return await self._once(body)
            except _BusyNode as busy:
                await asyncio.sleep(min(busy.wait or wait, _LONGEST_WAIT))
            except aiohttp.ServerDisconnectedError:
                continue  # a kept connection that the node had closed meanwhile
        try:
            return await self._once(body)
        except _BusyNode as busy:
            raise Unavailable(str(busy)) from None

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _once(self, body: bytes) -> bytes | bytearray:
        try:
            async with self._open().post(
                self._url, data=body, headers=_HEADERS, allow_redirects=False
            ) as response:
                await self._refuse(response)
                return await self._bounded(response)
        except TimeoutError:
            raise Unavailable(
                f"The node of chain {self._chain_id} did not answer within {self._timeout:g} seconds; "
                "it may be overloaded or still synchronising."
            ) from None
        except aiohttp.InvalidURL:
            raise Unavailable(f"The RPC URL of chain {self._chain_id} is not a URL.") from None
        except (aiohttp.ClientPayloadError, aiohttp.ClientResponseError):
            raise nonsense(self._chain_id, "an answer that breaks off or is no HTTP") from None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._timeout),
                connector=aiohttp.TCPConnector(limit=16),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def _refuse(self, response: aiohttp.ClientResponse) -> None:
        status = response.status
        if status in _BUSY:
            raise _BusyNode(self._chain_id, response)
        if status == 413:
            raise TooLarge(f"The node of chain {self._chain_id} refuses requests of this size (HTTP 413).")
        if status in {401, 403}:
            raise Unavailable(
                f"The node of chain {self._chain_id} refuses access (HTTP {status}); check the key in its RPC URL."
            )
        is_json = "json" in response.headers.get("content-type", "json").lower()
        if status >= 300 and not (
            is_json and status in {400, 500}
        ):  # some nodes send JSON-RPC errors with these
            raise nonsense(self._chain_id, f"HTTP {status}")
        if "html" in response.headers.get("content-type", ""):
            raise nonsense(self._chain_id, "a web page")

    async def _bounded(self, response: aiohttp.ClientResponse) -> bytes | bytearray:
        if (response.content_length or 0) > self._most:
            raise self._too_large()
        body = bytearray()
        async for piece in response.content.iter_any():
            body += piece
            if len(body) > self._most:
                raise self._too_large()
        return body

    def _too_large(self) -> TooLarge:
        return TooLarge(f"The node of chain {self._chain_id} answered with more than {self._most:,} bytes.")


class _BusyNode(Exception):
    def __init__(self, chain_id: ChainId, response: aiohttp.ClientResponse) -> None:
        asks = "asks for fewer requests" if response.status == 429 else "is not able to serve now"
        super().__init__(
            f"The node of chain {chain_id} {asks} (HTTP {response.status}); it is asked again later."
        )
        after = response.headers.get("retry-after", "")
        self.wait = float(after) if after.isdecimal() else None
