from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from application.identity.issue_token import LONGEST_NAME, MOST_DAYS, IssueToken
from application.identity.list_tokens import ListTokens
from application.identity.ports import Session
from application.identity.revoke_token import RevokeToken, public_id
from domain.shared.ids import UserId
from entrypoints.http.frame.endpoint import Endpoint
from entrypoints.http.frame.models import Body, Params, View
from entrypoints.http.frame.reply import Reply


class TokenView(View):
    """An open API token, without its secret."""

    id: str
    name: str
    issued_at: datetime
    expires_at: datetime

    @staticmethod
    def of(session: Session) -> "TokenView":
        """Show a token."""
        return TokenView(
            id=public_id(session),
            name=session.name,
            issued_at=session.opened_at,
            expires_at=session.expires_at,
        )


class TokensView(View):
    """The caller's API tokens, newest first."""

    items: tuple[TokenView, ...]


class NewTokenView(TokenView):
    """A fresh API token; its secret is shown this once."""

    token: str


class TokenBody(Body):
    """What the token is for, and for how long."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    days: int = Field(90, ge=1, le=MOST_DAYS)


class TokenPath(Params):
    """Which token."""

    token_id: str = Field(pattern="^[0-9a-f]{32}$")


@dataclass(frozen=True, slots=True)
class TokensApi:
    """Tokens for the caller's own programs."""

    issue: IssueToken
    list: ListTokens
    revoke: RevokeToken

    def routes(self) -> tuple[Endpoint, ...]:
        """Return the endpoints."""
        path = "/v1/me/tokens"
        return (
            Endpoint(method="GET", path=path, handler=self.list_tokens),
            Endpoint(method="POST", path=path, handler=self.post_token, status=201, keeps_secrets=True),
            Endpoint(
                method="DELETE",
                path=f"{path}/{{token_id}}",
                handler=self.delete_token,
                status=204,
                refusals=(404,),
            ),
        )

    async def list_tokens(self, caller: UserId) -> TokensView:
        """List the caller's API tokens."""
        return TokensView(items=tuple(map(TokenView.of, await self.list(actor=caller))))

    async def post_token(self, caller: UserId, body: TokenBody) -> Reply[NewTokenView]:
        """Give out an API token; the secret is in this answer and nowhere else."""
        issued = await self.issue(actor=caller, name=body.name, days=body.days)
        shown = TokenView.of(issued.session)
        view = NewTokenView(**shown.model_dump(), token=issued.token)
        return Reply(view, headers={"Location": f"/v1/me/tokens/{shown.id}"})

    async def delete_token(self, caller: UserId, path: TokenPath) -> None:
        """Make a token worthless."""
        await self.revoke(actor=caller, token_id=path.token_id)
