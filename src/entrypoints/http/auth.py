from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from application.identity.issue_nonce import IssueNonce
from application.identity.sign_in import SignIn
from application.identity.sign_out import SignOut
from application.identity.statements import SIGN_IN
from domain.shared.ids import UserId
from entrypoints.http.frame.endpoint import Endpoint
from entrypoints.http.frame.models import Body, View


class NonceView(View):
    """What a wallet has to sign within the next minutes, beside its address and the time."""

    nonce: str
    expires_at: datetime
    domain: str
    uri: str
    statement: str = SIGN_IN


class SignInBody(Body):
    """A Sign-In with Ethereum message (EIP-4361) and its signature (EIP-191)."""

    message: str = Field(min_length=1, max_length=4096)
    signature: str = Field(min_length=1, max_length=1000, description="0x and 130 hexadecimal digits.")


class SessionView(View):
    """An open session; the token is shown this once."""

    token: str
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme
    expires_at: datetime
    user_id: str


@dataclass(frozen=True, slots=True)
class AuthApi:
    """Signing in by a wallet, and out. `domain` and `uri` are what messages have to name."""

    issue_nonce: IssueNonce
    sign_in: SignIn
    sign_out: SignOut
    domain: str
    uri: str

    def routes(self) -> tuple[Endpoint, ...]:
        """Return the endpoints."""
        return (
            Endpoint(
                method="GET", path="/v1/auth/nonce", handler=self.get_nonce, cached=False, refusals=(503,)
            ),
            Endpoint(
                method="POST",
                path="/v1/auth/siwe",
                handler=self.post_siwe,
                status=201,
                keeps_secrets=True,
                refusals=(401, 503),
            ),
            Endpoint(method="DELETE", path="/v1/auth/session", handler=self.delete_session, status=204),
        )

    async def get_nonce(self) -> NonceView:
        """Give out a number to be used once in the next sign-in message."""
        issued = await self.issue_nonce()
        return NonceView(nonce=issued.nonce, expires_at=issued.expires_at, domain=self.domain, uri=self.uri)

    async def post_siwe(self, body: SignInBody) -> SessionView:
        """Open a session by a signed message; a wallet's first sign-in opens an account.

        The nonce makes the message good for one session: no Idempotency-Key is needed, and none is heeded.
        """
        opened = await self.sign_in(message=body.message, signature=body.signature)
        return SessionView(token=opened.token, expires_at=opened.expires_at, user_id=opened.user_id)

    async def delete_session(self, caller: UserId, token: str) -> None:
        """Close the session of the token that was sent."""
        await self.sign_out(actor=caller, token=token)
