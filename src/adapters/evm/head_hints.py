import asyncio

import aiohttp
import orjson
import structlog

from adapters.evm.answers import parsed
from adapters.evm.refusals import nonsense
from domain.shared.chain import ChainId
from domain.shared.errors import Unavailable

_SUBSCRIBE = {"jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": ["newHeads"]}
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_MOST_BYTES = 2**20
_log = structlog.get_logger(__name__)


class HeadHints:
    """Hears over a WebSocket that there is a new head, for as long as `listen` runs; many hints become one.

    `listening` says whether the subscription stands, so that its silence means something.
    """

    def __init__(self, chain_id: ChainId) -> None:
        """Begin with a hint: the present head has not been seen either."""
        self._chain_id = chain_id
        self._hint = asyncio.Event()
        self._hint.set()
        self.listening = False

    async def wait(self, seconds: float) -> None:
        """Return at the next hint, or after so many seconds without one."""
        try:
            await asyncio.wait_for(self._hint.wait(), seconds)
        except TimeoutError:
            return
        self._hint.clear()

    async def listen(self, ws_url: str) -> None:
        """Subscribe, and subscribe again with growing pauses whenever the connection is lost; never returns."""
        pause = _SHORTEST_PAUSE
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            while True:
                reason = await self._reason_to_stop(session, ws_url)
                pause = _SHORTEST_PAUSE if self.listening else min(pause * 2, _LONGEST_PAUSE)
                self.listening = False
                self._hint.set()
                _log.warning(
                    "no WebSocket; polling", chain_id=self._chain_id, reason=reason, again_in_seconds=pause
                )
                await asyncio.sleep(pause)

    async def _reason_to_stop(self, session: aiohttp.ClientSession, ws_url: str) -> str:
        try:
            async with session.ws_connect(ws_url, heartbeat=20, max_msg_size=_MOST_BYTES) as socket:
                await socket.send_bytes(orjson.dumps(_SUBSCRIBE))
                async for message in socket:
                    if message.type not in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}:
                        break
                    self._hear(message.data)
        except Unavailable as refusal:
            return str(refusal)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return type(error).__name__  # its text may show the URL
        return "the node closed the connection"

    def _hear(self, message: str | bytes) -> None:
        told = parsed(message.encode() if isinstance(message, str) else message, self._chain_id)
        if not isinstance(told, dict) or "error" in told:
            raise nonsense(self._chain_id, "a refusal to announce new heads")
        self.listening = True
        self._hint.set()
