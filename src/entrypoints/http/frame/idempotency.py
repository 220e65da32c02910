import hashlib
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web
from aiohttp.typedefs import Handler

from application.shared.ports import Begin, Clock
from application.shared.requests import Answer, RequestsWork
from domain.shared.errors import Conflict, PlimsollError
from domain.shared.ids import UserId
from entrypoints.http.frame.binding import key_of
from entrypoints.http.frame.caller import CALLER
from entrypoints.http.frame.endpoint import Endpoint, endpoint_of
from entrypoints.http.frame.problems import Problem

REPLAYED = "Idempotency-Replayed"
_KEPT = ("Content-Type", "ETag", "Location")
_LEASE = timedelta(minutes=1)


class AnswerNotKept(Conflict):
    """A secret is shown once."""

    def __init__(self) -> None:
        super().__init__(
            "This request was carried out already, and its answer held a secret that is shown only once; "
            "if it was lost, revoke it and ask for a new one under a new Idempotency-Key."
        )


@dataclass(frozen=True, slots=True)
class Idempotent:
    """Carries a request with an Idempotency-Key out once, and answers its repetitions with the first answer."""

    begin: Begin[RequestsWork]
    clock: Clock

    async def __call__(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer from the record if there is one; a refused request has had no effect and is not on record."""
        endpoint = endpoint_of(request)
        if endpoint is None or not endpoint.repeatable or (key := key_of(request)) is None:
            return await handler(request)
        actor, key = request[CALLER].user_id, f"http:{key}"
        known = await self._claim(actor, key, await _fingerprint(request))
        if known is not None:
            return _replayed(endpoint, known)
        try:
            response = await handler(request)
        except (PlimsollError, Problem, web.HTTPException):
            await self._release(actor, key)
            raise
        await self._keep(actor, key, endpoint, response)
        return response

    async def _claim(self, actor: UserId, key: str, fingerprint: bytes) -> Answer | None:
        now = self.clock.now()
        async with self.begin(actor) as work:
            return await work.requests.claim(key, fingerprint, at=now, until=now + _LEASE)

    async def _release(self, actor: UserId, key: str) -> None:
        async with self.begin(actor) as work:
            await work.requests.release(key)

    async def _keep(self, actor: UserId, key: str, endpoint: Endpoint, response: web.StreamResponse) -> None:
        headers = tuple((name, response.headers[name]) for name in _KEPT if name in response.headers)
        body = response.body if isinstance(response, web.Response) else None
        kept = body if isinstance(body, bytes) and not endpoint.keeps_secrets else b""
        answer = Answer(status=response.status, headers=headers, body=kept)
        async with self.begin(actor) as work:
            await work.requests.answer(key, answer)


async def _fingerprint(request: web.Request) -> bytes:
    digest = hashlib.sha256()
    for part in (request.method.encode(), request.path_qs.encode(), await request.read()):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


def _replayed(endpoint: Endpoint, answer: Answer) -> web.Response:
    if endpoint.keeps_secrets:
        raise AnswerNotKept
    return web.Response(
        status=answer.status, body=answer.body or None, headers={**dict(answer.headers), REPLAYED: "true"}
    )
