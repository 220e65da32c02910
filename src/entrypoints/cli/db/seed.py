from dataclasses import dataclass

from eth_account import Account

from adapters.evm.eip55 import checked, checksummed
from application.identity.issue_token import IssueToken
from domain.identity.preferences import Preferences, RiskProfile
from domain.identity.user import User
from domain.shared.chain import Address
from domain.shared.errors import Conflict
from domain.shared.ids import UserId
from entrypoints.cli.configuration import load_settings
from entrypoints.cli.db.schema_wanted import require_schema
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json
from entrypoints.container.core import Core
from entrypoints.database import database

_DAYS = 30


@dataclass(frozen=True, slots=True)
class Seeded:
    """A user who was registered without signing in, with a token that acts for them."""

    user_id: UserId
    wallet: Address
    token: str


def seed(address: str | None, *, as_json: bool) -> None:
    """Register a user and print a token; raises Invalid for an address that is none, Conflict for one in use."""
    made = Account.create() if address is None else None
    wallet = checked(made.address if made is not None else address or "")
    seeded = run(_seed(wallet))
    key = None if made is None else f"0x{made.key.hex()}"
    if as_json:
        print_json(
            {
                "user_id": seeded.user_id,
                "wallet": checksummed(wallet),
                "private_key": key,
                "token": seeded.token,
                "token_days": _DAYS,
            }
        )
        return
    screen = console()
    screen.print(f"Registered the user {seeded.user_id} with the wallet {checksummed(wallet)}.")
    if key is not None:
        screen.print(f"Its private key, shown this once: {key}", soft_wrap=True)
    screen.print(
        f"A token for the HTTP API, valid for {_DAYS} days and shown this once: {seeded.token}",
        soft_wrap=True,
    )


async def _seed(wallet: Address) -> Seeded:
    settings = load_settings()
    async with database(settings) as urls:
        await require_schema(urls)
        container = Core(settings=settings, url=urls.for_app())
        try:
            return await _registered(container, wallet)
        finally:
            await container.database().close()


async def _registered(container: Core, wallet: Address) -> Seeded:
    clock, ids, begin = container.clock(), container.ids(), container.begin()
    user_id = UserId(ids.new())
    async with begin(None) as work:
        if await work.users.having(wallet) is not None:
            raise Conflict(f"The wallet {checksummed(wallet)} belongs to a user already.")
    preferences = Preferences.of(RiskProfile.MODERATE)
    async with begin(user_id) as work:
        await work.users.record(
            User.register(id=user_id, wallet=wallet, preferences=preferences, at=clock.now())
        )
    issued = await IssueToken(begin, clock, ids)(actor=user_id, name="db seed", days=_DAYS)
    return Seeded(user_id, wallet, issued.token)
