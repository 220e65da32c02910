from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import Field

from application.audit.proving.list_seals import GetSeal, ListSeals
from application.audit.proving.seals import Seal, StoredSeal
from entrypoints.http.frame.endpoint import Endpoint
from entrypoints.http.frame.fields import Limit, PlaceCursor, Position
from entrypoints.http.frame.models import Page, Params, View
from entrypoints.http.frame.paging import after_place, paged


class SealsQuery(Params):
    """Where to go on, and how far."""

    cursor: PlaceCursor | None = None
    limit: Limit = 50


class SealPath(Params):
    """Which seal."""

    number: Position | Literal["latest"]


class SealView(View):
    """A signed statement: the log's first so many commits, up to this position, have this tree and this chain."""

    number: int
    commits: int
    position: int
    tree_root: str = Field(description="The RFC 6962 root over the commits, in hexadecimal.")
    chain: str = Field(description="The chain of commits' hash at its head.")
    previous: str = Field(description="The digest of the seal before.")
    sealed_at: datetime
    key_id: str = Field(description="The SHA-256 of the public key's 32 bytes.")
    signature: str = Field(description="Ed25519, in hexadecimal.")
    digest: str

    @staticmethod
    def of(seal: Seal) -> "SealView":
        """Show a seal."""
        said = seal.statement
        return SealView(
            number=said.number,
            commits=said.commit_count,
            position=said.position,
            tree_root=said.tree_root.hex(),
            chain=said.chain.hex(),
            previous=said.previous.hex(),
            sealed_at=said.sealed_at,
            key_id=said.key_id.hex(),
            signature=seal.signature.hex(),
            digest=seal.digest().hex(),
        )


class KeyView(View):
    """A public key that signed seals."""

    id: str
    pem: str


class KeysView(View):
    """The public keys that verify the seals, the one in force first."""

    items: tuple[KeyView, ...]


@dataclass(frozen=True, slots=True)
class SealsApi:
    """What anybody may know of the log: its seals, and the keys that verify them."""

    list: ListSeals
    get: GetSeal
    keys: Mapping[bytes, str]

    def routes(self) -> tuple[Endpoint, ...]:
        """Return the endpoints."""
        seals = "/v1/audit/seals"
        return (
            Endpoint(method="GET", path=seals, handler=self.list_seals),
            Endpoint(method="GET", path=f"{seals}/{{number}}", handler=self.get_seal, refusals=(404,)),
            Endpoint(method="GET", path="/v1/audit/keys", handler=self.list_keys),
        )

    async def list_seals(self, query: SealsQuery) -> Page[SealView]:
        """List the seals over the log, oldest first; they reveal nothing of what it holds."""
        found = await self.list(after=query.cursor or 0, limit=query.limit + 1)
        return paged(Page[SealView], found, query.limit, _view, _cursor)

    async def get_seal(self, path: SealPath) -> SealView:
        """Show one seal, by its number or as the `latest`."""
        return _view(await self.get(None if path.number == "latest" else path.number))

    async def list_keys(self) -> KeysView:
        """Show the public keys that verify the seals, as PEM; compare them with those that you were given before."""
        return KeysView(items=tuple(KeyView(id=key_id.hex(), pem=pem) for key_id, pem in self.keys.items()))


def _view(stored: StoredSeal) -> SealView:
    return SealView.of(stored.seal)


def _cursor(stored: StoredSeal) -> str:
    return after_place(stored.seal.statement.number)
