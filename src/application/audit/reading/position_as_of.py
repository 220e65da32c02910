from dataclasses import dataclass

from application.audit.ports import AuditWork
from application.audit.reading.moment import Moment, place_at
from application.audit.reading.sightings import Sighting
from application.shared.ports import Begin, Place
from domain.positions.errors import Tampered
from domain.positions.events import PositionsObserved
from domain.positions.position import LendingPosition, Unread
from domain.shared.chain import Address, ChainId, short
from domain.shared.errors import NotFound
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionThen:
    """A wallet's stake in one market as the log knew it: the newest sighting by then.

    `covered` says that the root of the sighting's batch was computed again and is the one in the log; a user's own
    view cannot be, because a batch shows other people's wallets too. `left` is where the market reported the wallet
    gone since, and `tampered` says why nothing that is stored of the batch can be believed.
    """

    sighting: Sighting
    covered: bool
    left: Place | None = None
    tampered: str | None = None

    @property
    def position(self) -> LendingPosition | None:
        """The position, unless it was unknown, or gone."""
        seen = self.sighting.seen
        known = self.left is None and self.tampered is None
        return seen if known and isinstance(seen, LendingPosition) else None

    @property
    def status(self) -> str:
        """Say in a word what was known: `known`, `unknown` or `gone`."""
        if self.left is not None:
            return "gone"
        return "known" if self.position is not None else "unknown"

    @property
    def unknown(self) -> str | None:
        """Why the position was not known, in a sentence; None when it was known, or known to be gone."""
        if self.tampered is not None or self.left is not None:
            return self.tampered
        return self.sighting.seen.reason if isinstance(self.sighting.seen, Unread) else None


@dataclass(frozen=True, slots=True)
class PositionAsOf:
    """Show what a wallet owned and owed as the log knew it at a position or moment."""

    begin: Begin[AuditWork]

    async def __call__(
        self,
        *,
        actor: UserId | None,
        wallet: Address,
        moment: Moment | None = None,
        chain_id: ChainId | None = None,
        market: Address | None = None,
    ) -> tuple[PositionThen, ...]:
        """Return the wallet's stake in each market, as of then or now; raises NotFound when none was seen by then."""
        async with self.begin(actor) as work:
            until = await work.facts.last() if moment is None else await place_at(work.facts, moment)
            found = [
                one
                for one in await positions_then(work, actor, wallet, until)
                if chain_id in {None, one.sighting.chain_id} and market in {None, one.sighting.market}
            ]
        if not found:
            raise NotFound(f"The log had seen no position of {short(wallet)} at that point.")
        return tuple(found)


async def positions_then(
    work: AuditWork, actor: UserId | None, wallet: Address, until: Place
) -> list[PositionThen]:
    """Return the wallet's stake in each market as it was known at a position of the log."""
    sightings = await work.sightings.newest(wallet, until=until)
    return [await _then(work, actor, sighting, until) for sighting in sightings]


async def _then(work: AuditWork, actor: UserId | None, sighting: Sighting, until: Place) -> PositionThen:
    left = await work.sightings.left(sighting, until=until)
    if actor is not None:
        return PositionThen(sighting=sighting, covered=False, left=left)
    history = await work.facts.of(sighting.batch_id)
    fact = history[0].fact if history else None
    if not isinstance(fact, PositionsObserved):
        return PositionThen(sighting=sighting, covered=False, left=left)
    try:
        snapshots = await work.positions.of_batch(fact)
    except Tampered as tampered:
        return PositionThen(sighting=sighting, covered=False, left=left, tampered=str(tampered))
    covered = any(one.user_id == sighting.user_id and one.seen == sighting.seen for one in snapshots)
    return PositionThen(sighting=sighting, covered=covered, left=left)
