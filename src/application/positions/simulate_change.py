from collections.abc import Sequence
from dataclasses import dataclass

from application.identity.ports import IdentityWork
from application.positions.readers import Readers
from application.shared.ports import Begin
from domain.identity.errors import WalletNotLinked
from domain.positions.aave_v3 import account_of
from domain.positions.liquidation import LiquidationPrice, liquidation_prices
from domain.positions.observation import Observed
from domain.positions.position import LendingPosition
from domain.positions.simulation import Step, simulate
from domain.shared.chain import Address, ChainId
from domain.shared.errors import Invalid, Unavailable
from domain.shared.ids import UserId

MOST_STEPS = 20


@dataclass(frozen=True, slots=True)
class Simulation:
    """A position as it is, and as it would be after the steps, at the same block."""

    before: LendingPosition
    after: LendingPosition
    liquidation_prices: tuple[LiquidationPrice, ...]


@dataclass(frozen=True, slots=True)
class SimulateChange:
    """Answer "what if": the price moves, or the user deposits, withdraws, borrows or repays."""

    begin: Begin[IdentityWork]
    readers: Readers

    async def __call__(
        self, *, actor: UserId, wallet: Address, chain_id: ChainId, steps: Sequence[Step]
    ) -> Simulation:
        """Read the wallet afresh and return both; raises Unavailable, or Invalid for a step that cannot be."""
        if len(steps) > MOST_STEPS:
            raise Invalid(f"A simulation has at most {MOST_STEPS} steps.")
        async with self.begin(actor) as work:
            user = await work.users.get(actor)
        if all(linked.address != wallet for linked in user.wallets):
            raise WalletNotLinked(wallet)
        reader = self.readers.on(chain_id)
        block = await reader.head()
        before = _position(await reader.read((wallet,), block), wallet)
        emode = before.emode.id if before.emode else 0
        after = simulate(before, steps, await reader.reserves(block, emode=emode))
        return Simulation(before, after, liquidation_prices(after))


def _position(observed: Observed, wallet: Address) -> LendingPosition:
    for unread in observed.unread:
        raise Unavailable(f"The position is not known at this moment: {unread.reason}")
    for position in observed.positions:
        return position
    if observed.law is None:
        raise Unavailable(
            "Plimsoll does not know how this market's release counts, so nothing can be simulated there."
        )
    return LendingPosition(
        wallet=wallet,
        chain_id=observed.chain_id,
        protocol=observed.protocol,
        market=observed.market,
        block=observed.block,
        emode=None,
        legs=(),
        law=observed.law,
        account=account_of((), None, observed.law),
    )
