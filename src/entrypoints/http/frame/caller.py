from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Handler

from application.identity.authenticate import Authenticate
from domain.shared.errors import Denied
from domain.shared.ids import UserId
from entrypoints.http.frame.endpoint import endpoint_of


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and the token by which they are known."""

    user_id: UserId
    token: str = field(repr=False)


CALLER = web.RequestKey("CALLER", Caller)


@dataclass(frozen=True, slots=True)
class Callers:
    """Finds out who asks, wherever an endpoint wants to know."""

    authenticate: Authenticate

    async def __call__(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Put the caller of a private endpoint on the request, or raise Denied."""
        endpoint = endpoint_of(request)
        if endpoint is not None and endpoint.private:
            token = _bearer(request)
            request[CALLER] = Caller(await self.authenticate(token=token), token)
        return await handler(request)


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Denied("Say who you are: send the header Authorization: Bearer, followed by your token.")
    return token.strip()
