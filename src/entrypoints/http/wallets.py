from dataclasses import dataclass

from application.identity.get_me import GetMe
from application.identity.link_wallet import LinkWallet
from application.identity.statements import linking
from application.identity.unlink_wallet import UnlinkWallet
from domain.shared.ids import UserId
from entrypoints.http.frame.endpoint import Endpoint
from entrypoints.http.frame.reply import Reply
from entrypoints.http.wallet_models import LinkBody, WalletPath, WalletsView, WalletView


@dataclass(frozen=True, slots=True)
class WalletsApi:
    """The wallets that are watched for the caller."""

    get: GetMe
    link: LinkWallet
    unlink: UnlinkWallet

    def routes(self) -> tuple[Endpoint, ...]:
        """Return the endpoints."""
        return (
            Endpoint(method="GET", path="/v1/me/wallets", handler=self.list_wallets),
            Endpoint(
                method="POST", path="/v1/me/wallets", handler=self.post_wallet, status=201, refusals=(403,)
            ),
            Endpoint(
                method="DELETE",
                path="/v1/me/wallets/{address}",
                handler=self.delete_wallet,
                status=204,
                refusals=(404,),
            ),
        )

    async def list_wallets(self, caller: UserId) -> WalletsView:
        """List the caller's wallets."""
        user = await self.get(actor=caller)
        return WalletsView(items=tuple(map(WalletView.of, user.wallets)), linking_statement=linking(caller))

    async def post_wallet(self, caller: UserId, body: LinkBody) -> Reply[WalletView]:
        """Watch another wallet, which proves by its signature that it is the caller's."""
        user = await self.link(actor=caller, message=body.message, signature=body.signature, label=body.label)
        linked = user.wallets[-1]
        return Reply(WalletView.of(linked), headers={"Location": f"/v1/me/wallets/{linked.address}"})

    async def delete_wallet(self, caller: UserId, path: WalletPath) -> None:
        """Stop watching a wallet."""
        await self.unlink(actor=caller, wallet=path.address)
