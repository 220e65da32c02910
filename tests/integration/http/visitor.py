from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount
from tests.integration.http.house import DOMAIN, URI

from adapters.evm.eip4361 import SignInMessage
from application.shared.ports import Clock


def key(number: int) -> LocalAccount:
    """Return one wallet's key."""
    signer: LocalAccount = Account.from_key(number.to_bytes(32, "big"))
    return signer


def signed(signer: LocalAccount, message: str) -> dict[str, str]:
    """Return what a wallet hands over after signing."""
    signature = signer.sign_message(encode_defunct(text=message)).signature.hex()
    return {"message": message, "signature": f"0x{signature}"}


@dataclass(slots=True)
class Answer:
    """A response that was read to its end."""

    status: int
    headers: Mapping[str, str]
    body: Any

    def __getitem__(self, name: str | int) -> Any:
        return self.body[name]

    @property
    def problem(self) -> str:
        """The slug of the problem's type."""
        assert self.headers["Content-Type"].startswith("application/problem+json")
        assert self.body["status"] == self.status
        return str(self.body["type"]).removeprefix("/problems/")


@dataclass(slots=True)
class Visitor:
    """Somebody with a wallet who uses the API."""

    client: TestClient[Any, Any]
    clock: Clock
    signer: LocalAccount
    token: str | None = None
    id: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def wallet(self) -> str:
        return str(self.signer.address).lower()

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Answer:
        """Send a request, with the token if there is one."""
        sent = {**self.headers, **(headers or {})}
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None:
            more["json"] = body
        async with self.client.request(method, path, headers=sent, **more) as response:
            return await _read(response)

    async def get(self, path: str, **more: Any) -> Answer:
        return await self.ask("GET", path, **more)

    async def post(self, path: str, body: object = None, **more: Any) -> Answer:
        return await self.ask("POST", path, body, **more)

    async def put(self, path: str, body: object = None, **more: Any) -> Answer:
        return await self.ask("PUT", path, body, **more)

    async def delete(self, path: str, **more: Any) -> Answer:
        return await self.ask("DELETE", path, **more)

    async def message(self, **changed: Any) -> SignInMessage:
        """Compose a message to be signed, with a fresh nonce."""
        issued = await self.get("/v1/auth/nonce")
        assert issued.status == 200
        said: dict[str, Any] = {
            "domain": DOMAIN,
            "address": self.signer.address,
            "statement": issued["statement"],
            "uri": URI,
            "chain_id": "1",
            "nonce": issued["nonce"],
            "issued_at": self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        return SignInMessage(**{**said, **changed})

    async def sign_in(self) -> "Visitor":
        """Sign in with the wallet."""
        answer = await self.post("/v1/auth/siwe", signed(self.signer, str(await self.message())))
        assert answer.status == 201, answer.body
        self.token, self.id = answer["token"], answer["user_id"]
        return self


async def _read(response: ClientResponse) -> Answer:
    is_json = "json" in response.headers.get("Content-Type", "")
    raw = await response.read()
    body = await response.json(content_type=None) if is_json and raw else raw.decode()
    return Answer(response.status, response.headers, body)
