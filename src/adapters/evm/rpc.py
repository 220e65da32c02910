import asyncio
from collections.abc import Sequence
from itertools import count
from typing import Any

import aiohttp
import orjson

from adapters.evm.answers import parsed, quantity, result_of
from adapters.evm.post import Endpoint
from adapters.evm.refusals import NodeRefused, nonsense
from adapters.evm.url import checked, secrets_of
from domain.shared.chain import ChainId
from domain.shared.errors import Unavailable


class JsonRpc:
    """A node of one chain, spoken to in raw JSON-RPC over one HTTP session.

    Before the first request of a connection it asks which chain the node serves, and refuses another. Every method
    raises Unavailable with a sentence that never shows the URL, because a URL may hold a key.
    """

    def __init__(
        self, url: str, *, chain_id: ChainId, timeout: float = 10.0, most_bytes: int = 64 * 2**20
    ) -> None:
        """Take seconds per request, and the size of answer above which none is read; Invalid for what is no URL."""
        self.chain_id = chain_id
        self._endpoint = Endpoint(
            checked(url, chain_id), chain_id=chain_id, timeout=timeout, most_bytes=most_bytes
        )
        self._secrets = secrets_of(url)
        self._ids = count(1)
        self._verified = False
        self._verifying = asyncio.Lock()

    async def call(self, method: str, *params: object) -> Any:
        """Return the result of one request; raises NodeRefused when the node answers with an error."""
        if not self._verified:
            await self._verify()
        return await self._ask(method, params)

    async def batch(self, requests: Sequence[tuple[str, Sequence[object]]]) -> list[Any]:
        """Return the results of many requests sent at once, in order; None for each that the node refused."""
        if not self._verified:
            await self._verify()
        ids = [next(self._ids) for _ in requests]
        body = orjson.dumps(
            [
                {"jsonrpc": "2.0", "id": id_, "method": method, "params": params}
                for id_, (method, params) in zip(ids, requests, strict=True)
            ]
        )
        answers = parsed(await self._post(body), self.chain_id)
        if not isinstance(answers, list):
            self._checked(answers, 0)
            raise nonsense(self.chain_id, "one answer to a batch of requests")
        by_id = {answer.get("id"): answer for answer in answers if isinstance(answer, dict)}
        return [self._result_or_none(by_id.get(id_), id_) for id_ in ids]

    def believe(self, chain_id: object) -> None:
        """Take the node's answer to `eth_chainId`; raises Unavailable when it serves another chain than it should."""
        served = quantity(chain_id, self.chain_id)
        if served != self.chain_id:
            self._verified = False
            raise Unavailable(
                f"The node configured for chain {self.chain_id} serves chain {served}; "
                f"set the RPC URL of chain {self.chain_id} to one of its own nodes."
            )

    async def close(self) -> None:
        """Close the session; the next request opens another."""
        self._verified = False
        await self._endpoint.close()

    async def _verify(self) -> None:
        async with self._verifying:
            if self._verified:
                return
            self.believe(await self._ask("eth_chainId", ()))
            self._verified = True

    async def _ask(self, method: str, params: Sequence[object]) -> Any:
        id_ = next(self._ids)
        body = orjson.dumps({"jsonrpc": "2.0", "id": id_, "method": method, "params": params})
        return self._checked(parsed(await self._post(body), self.chain_id), id_)

    def _checked(self, answer: object, id_: int) -> Any:
        try:
            return result_of(answer, id_, self.chain_id)
        except NodeRefused as refusal:
            raise NodeRefused(self.chain_id, refusal.code, self._redacted(refusal.said)) from None

    async def _post(self, body: bytes) -> bytes | bytearray:
        try:
            return await self._endpoint.post(body)
        except (aiohttp.ClientConnectionError, ConnectionError):
            self._verified = False
            raise Unavailable(
                f"The node of chain {self.chain_id} cannot be reached; check that it is running and that the "
                "chain's RPC URL is right."
            ) from None

    def _result_or_none(self, answer: object, id_: int) -> Any:
        try:
            return result_of(answer, id_, self.chain_id)
        except Unavailable:
            return None

    def _redacted(self, said: str) -> str:
        for secret in self._secrets:
            said = said.replace(secret, "…")
        return said
