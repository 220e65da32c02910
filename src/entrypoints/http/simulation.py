from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from application.positions.simulate_change import MOST_STEPS, SimulateChange
from domain.positions.simulation import Borrow, Deposit, PriceBecomes, Repay, Step, Withdraw
from domain.shared.chain import Address, ChainId
from domain.shared.ids import UserId
from entrypoints.http.frame.endpoint import Endpoint
from entrypoints.http.frame.fields import Amount, WalletAddress
from entrypoints.http.frame.models import Body, View
from entrypoints.http.position_views import BlockView, HoldingsView

_MOVES: Mapping[str, Callable[[Address, Decimal], Step]] = {
    "deposit": Deposit,
    "withdraw": Withdraw,
    "borrow": Borrow,
    "repay": Repay,
}


class PriceStep(Body):
    """The asset's price becomes so many US dollars."""

    kind: Literal["price"]
    asset: WalletAddress
    price: Amount

    def step(self) -> Step:
        """Return the step."""
        return PriceBecomes(self.asset, self.price)


class AmountStep(Body):
    """So many whole tokens are deposited, withdrawn, borrowed or repaid."""

    kind: Literal["deposit", "withdraw", "borrow", "repay"]
    asset: WalletAddress
    amount: Amount

    def step(self) -> Step:
        """Return the step."""
        return _MOVES[self.kind](self.asset, self.amount)


StepBody: TypeAlias = Annotated[PriceStep | AmountStep, Field(discriminator="kind")]


class SimulationBody(Body):
    """Which wallet's position is to be changed, and how, one step after the other."""

    wallet: WalletAddress
    chain_id: int = Field(ge=1, lt=2**63)
    steps: tuple[StepBody, ...] = Field(min_length=1, max_length=MOST_STEPS)


class SimulationView(View):
    """The position as it is, and as it would be after the steps at the same block."""

    block: BlockView
    before: HoldingsView
    after: HoldingsView


@dataclass(frozen=True, slots=True)
class SimulationApi:
    """Answers "what if", from the chain's newest block, and changes nothing."""

    simulate: SimulateChange

    def routes(self) -> tuple[Endpoint, ...]:
        """Return the endpoints."""
        return (
            Endpoint(
                method="POST",
                path="/v1/positions/simulation",
                handler=self.post_simulation,
                refusals=(404, 503),
            ),
        )

    async def post_simulation(self, caller: UserId, body: SimulationBody) -> SimulationView:
        """Show a position as it would be after price moves, deposits, withdrawals, loans and repayments."""
        done = await self.simulate(
            actor=caller,
            wallet=body.wallet,
            chain_id=ChainId(body.chain_id),
            steps=[step.step() for step in body.steps],
        )
        return SimulationView(
            block=BlockView.of(done.before.block),
            before=HoldingsView.of(done.before),
            after=HoldingsView.of(done.after, done.liquidation_prices),
        )
