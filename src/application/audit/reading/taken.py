from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from application.positions.ports import Positions
from application.shared.ports import Facts, Recorded
from domain.positions.errors import Tampered
from domain.positions.events import PositionLiquidated, PositionsObserved
from domain.positions.position import LendingPosition
from domain.shared.chain import Address
from domain.shared.ids import Id, PositionId, UserId, read_id

PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Input:
    """What a signal was taken from: the fact, where the asker may see it, and what it says of the wallet."""

    fact: Recorded | None
    seen: LendingPosition | PositionLiquidated
    at: datetime
    covered: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """Why an input cannot be laid before the asker, in a sentence."""

    reason: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What a decision was taken from: the fact, whose wallet it was about, and when; `seen_at` is the block's time."""

    source: str
    user_id: UserId
    wallet: Address
    decided_at: datetime
    seen_at: datetime | None = None


class InputWork(Protocol):
    """What finding a decision's input needs of its transaction."""

    @property
    def facts(self) -> Facts:
        """The event log."""
        ...

    @property
    def positions(self) -> Positions:
        """The snapshots that decisions rest on."""
        ...


async def input_of(work: InputWork, actor: UserId | None, taken: Taken) -> Input | Missing:
    """Find what a decision was taken from, where the asker may see it; or say why it cannot be found."""
    stream, _, version = taken.source.rpartition("@")
    try:
        history = await work.facts.of(read_id(stream))
    except ValueError:
        return Missing(f"The source {taken.source!r} names no fact.")
    source = next((one for one in history if str(one.version) == version), None)
    fact = source.fact if source is not None else None
    if source is not None and isinstance(fact, PositionLiquidated):
        return Input(source, fact, fact.at, covered=True)
    if (
        actor is not None
    ):  # a batch shows other people's wallets too: its fact and its root are not the user's to see
        return await _own_row(work, actor, taken, read_id(stream))
    if source is None or not isinstance(fact, PositionsObserved):
        return Missing(f"The log does not hold the fact {taken.source} that the decision was taken from.")
    try:
        snapshots = await work.positions.of_batch(fact)
    except Tampered as tampered:
        return Missing(str(tampered))
    for snapshot in snapshots:
        seen, mine = snapshot.seen, snapshot.user_id == taken.user_id
        if mine and isinstance(seen, LendingPosition) and seen.wallet == taken.wallet:
            return Input(source, seen, fact.at, covered=True)
    return Missing(f"The batch {stream} holds no position of the wallet.")


async def _own_row(work: InputWork, actor: UserId, taken: Taken, batch: Id) -> Input | Missing:
    before: PositionId | None = None
    since, until = taken.seen_at, taken.seen_at
    while True:
        page = await work.positions.history(
            actor, wallet=taken.wallet, since=since, until=until, before=before, limit=PAGE
        )
        for snapshot in page:
            if snapshot.batch_id == batch and isinstance(snapshot.seen, LendingPosition):
                return Input(None, snapshot.seen, taken.decided_at, covered=False)
        if len(page) < PAGE:
            return Missing(f"There is no snapshot of the wallet in batch {batch}.")
        before = page[-1].id
