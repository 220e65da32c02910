from dataclasses import dataclass

from application.audit.ports import AuditWork
from application.audit.reading.diff_states import FieldChange
from application.audit.reading.flat import Flat, differing, flat
from application.audit.reading.moment import Moment, place_at
from application.audit.reading.position_as_of import PositionThen, positions_then
from application.shared.ports import Begin, Place
from domain.shared.chain import Address, ChainId, short
from domain.shared.errors import Invalid, NotFound
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionDiff:
    """What became of a wallet's stake in one market between two positions of the log; `before` may be none."""

    before: PositionThen | None
    after: PositionThen
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class DiffPositions:
    """Show what changed of what a wallet owned and owed between two moments, as the log knew it."""

    begin: Begin[AuditWork]

    async def __call__(
        self,
        *,
        actor: UserId | None,
        wallet: Address,
        since: Moment,
        until: Moment | None = None,
        chain_id: ChainId | None = None,
        market: Address | None = None,
    ) -> tuple[PositionDiff, ...]:
        """Return the difference in each market; raises Invalid, and NotFound when none was seen by then."""
        async with self.begin(actor) as work:
            low = await place_at(work.facts, since)
            high = await work.facts.last() if until is None else await place_at(work.facts, until)
            if low > high:
                raise Invalid(f"Position {low} is not before position {high}: name the earlier moment first.")
            known = {_key(one): one for one in await positions_then(work, actor, wallet, low)}
            found = [
                _compared(known.get(_key(one)), one)
                for one in await positions_then(work, actor, wallet, high)
                if chain_id in {None, one.sighting.chain_id} and market in {None, one.sighting.market}
            ]
        if not found:
            raise NotFound(f"The log had seen no position of {short(wallet)} at that point.")
        return tuple(found)


def _key(then: PositionThen) -> tuple[object, ...]:
    seen = then.sighting
    return seen.chain_id, seen.protocol, seen.market


def _compared(before: PositionThen | None, after: PositionThen) -> PositionDiff:
    then, now = ({} if one is None else _flat(one) for one in (before, after))
    changes = tuple(FieldChange(*one) for one in differing(then, now))
    return PositionDiff(before=before, after=after, changes=changes)


def _flat(then: PositionThen) -> Flat:
    """Spell a stake out with what was known of it; where it was seen is no part of it."""
    position = {} if then.position is None else flat(then.position)
    left: Place | None = then.left
    return {
        "status": then.status,
        "unknown": then.unknown,
        "left": None if left is None else str(left),
        **{name: value for name, value in position.items() if not name.startswith("block.")},
    }
