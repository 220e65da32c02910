from application.identity.operators import OperatorsWork
from application.shared.ports import Begin
from domain.shared.chain import address
from domain.shared.errors import Invalid, NotFound
from domain.shared.ids import UserId, read_id
from entrypoints.container.core import Core


async def user_named(container: Core, named: str) -> UserId:
    """Return the user whom somebody names by an id, or by the wallet that signs in; raises Invalid and NotFound."""
    try:
        return UserId(read_id(named))
    except ValueError:
        if not named.lower().startswith("0x"):
            raise Invalid(
                f"{named[:60]!r} is no user: name one by their id, or by the wallet that they sign in with."
            ) from None
    wallet = address(named)
    begin: Begin[OperatorsWork] = container.begin()
    async with begin(None) as work:
        found = await work.users.having(wallet)
    if found is None:
        raise NotFound(f"Nobody signs in with {wallet}.")
    return found
