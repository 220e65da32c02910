import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount

from adapters.evm.eip55 import checksummed
from adapters.evm.eip4361 import SignInMessage
from application.shared.ports import Clock
from domain.shared.chain import ChainId, address
from domain.shared.errors import Conflict, Unavailable


@dataclass(frozen=True, slots=True)
class Client:
    """Talks to the HTTP API as any program would; with a token, on behalf of its user."""

    session: aiohttp.ClientSession
    url: str
    clock: Clock
    token: str | None = None

    async def get(self, path: str, **query: str) -> Any:
        """Return what the path shows; raises Conflict with the problem's own words."""
        return await self._ask("GET", path, params=query)

    async def post(self, path: str, body: object = None) -> Any:
        """Return what the API answers to a new thing."""
        return await self._ask("POST", path, json=body)

    async def put(self, path: str, body: object) -> Any:
        """Return what the API answers to a changed thing."""
        return await self._ask("PUT", path, json=body)

    async def items(self, path: str, **query: str) -> AsyncIterator[Any]:
        """Yield every item of a list, page by page."""
        cursor: dict[str, str] = {}
        while True:
            page = await self.get(path, **query, **cursor)
            for item in page["items"]:
                yield item
            if page["next"] is None:
                return
            cursor = {"cursor": page["next"]}

    async def signed_in(self, key: LocalAccount, chain_id: ChainId) -> tuple["Client", str]:
        """Sign in with a wallet's key, and return the client of its user, and the user's id."""
        asked = await self.get("/v1/auth/nonce")
        message = str(
            SignInMessage(
                domain=asked["domain"],
                address=checksummed(address(key.address)),
                statement=asked["statement"],
                uri=asked["uri"],
                chain_id=str(chain_id),
                nonce=asked["nonce"],
                issued_at=self.clock.now().isoformat(timespec="seconds").replace("+00:00", "Z"),
            )
        )
        signature = f"0x{key.sign_message(encode_defunct(text=message)).signature.hex()}"
        opened = await self.post("/v1/auth/siwe", {"message": message, "signature": signature})
        return replace(self, token=opened["token"]), opened["user_id"]

    async def _ask(self, method: str, path: str, **request: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            async with self.session.request(
                method, f"{self.url}{path}", headers=headers, **request
            ) as response:
                body = await response.read()
                answer = json.loads(body) if body else None
                if response.status >= 400:
                    detail = answer.get("detail") if isinstance(answer, dict) else None
                    raise Conflict(f"The API answered {method} {path} with {response.status}: {detail}")
                return answer
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Unavailable(f"The API did not answer {method} {path}.") from error
