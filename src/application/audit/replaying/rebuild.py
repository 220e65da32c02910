import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from application.audit.replaying.fold import Kind
from application.audit.replaying.report import Findings
from application.audit.replaying.scratch import Fingerprint
from application.audit.replaying.states import FoldedStates
from application.audit.replaying.stretch import stretch_of
from application.audit.replaying.twin import BEGINNING
from application.audit.replaying.workshop import OpenWorkshop, Workshop
from application.shared.ports import Facts, Place
from domain.shared.errors import Conflict, Unavailable

NEAR: Final = 1000
"""Facts that are left for the moment in which nobody may write: a fraction of a second."""

ATTEMPTS: Final = 60
PAUSE: Final = 0.5
"""Seconds between two attempts at that moment."""

Progress: TypeAlias = Callable[[Place, Place], None]


def _silent(place: Place, until: Place) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What has taken over: which projections, folded up to which place, and how many rows were put right."""

    kinds: tuple[Kind, ...]
    place: Place
    resumed_at: Place
    changed: int


@dataclass(frozen=True, slots=True)
class RebuildProjections:
    """Build state tables anew from the log beside the ones in service, and let them take over.

    Everybody goes on reading all the while, and writing but for the moment of the switch. Whenever this is killed, the
    old version serves on, and the next run goes on where it was, provided that the code still folds in the same way.
    """

    open: OpenWorkshop
    fingerprint: Fingerprint
    code: bytes

    async def __call__(self, kinds: Sequence[Kind], *, progress: Progress = _silent) -> Rebuilt:
        """Rebuild these; raises Conflict when a history is broken, and Unavailable when writers never rest."""
        ordered = [kind for kind in Kind if kind in kinds]
        async with self.open() as shop:
            place = await shop.begin(ordered, self.code)
            building = _Building(shop, ordered, self.fingerprint, place)
            changed = await building.take_over(progress)
            return Rebuilt(kinds=tuple(ordered), place=building.place, resumed_at=place, changed=changed)

    async def drop(self, kinds: Sequence[Kind]) -> Sequence[Kind]:
        """Remove what is half built of these, and return of which kinds there was something."""
        async with self.open() as shop:
            return await shop.drop([kind for kind in Kind if kind in kinds])


@dataclass(slots=True)
class _Building:
    shop: Workshop
    kinds: Sequence[Kind]
    fingerprint: Fingerprint
    place: Place
    states: FoldedStates = field(init=False)

    def __post_init__(self) -> None:
        self.states = self._states()

    async def take_over(self, progress: Progress) -> int:
        """Fold the log until its end is near, and switch when nobody writes; try again where somebody does for long."""
        for _ in range(ATTEMPTS - 1):
            await self._follow(progress)
            try:
                return await self._switch()
            except Unavailable:
                self.states = self._states()
                await asyncio.sleep(PAUSE)
        await self._follow(progress)
        return await self._switch()

    async def _follow(self, progress: Progress) -> None:
        near = False
        while not near:
            async with self.shop.step() as work:
                last = await work.facts.last()
                self.place = await self._fold(work.facts, self.place, last)
                near = last - self.place < NEAR
                if near or self.states.full:
                    await self.states.put_away()
                    await self.shop.reach(self.kinds, self.place)
            progress(self.place, last)

    async def _switch(self) -> int:
        async with self.shop.step() as work:
            await self.shop.hold(self.kinds)
            last = await self._finish(work.facts)
            changed = await self.shop.switch(self.kinds, last)
        self.place = last
        return changed

    async def _finish(self, facts: Facts) -> Place:
        last, place = await facts.last(), self.place
        while place < last:
            place = await self._fold(facts, place, last)
        await self.states.put_away()
        return last

    async def _fold(self, facts: Facts, place: Place, last: Place) -> Place:
        stretch = await stretch_of(facts, place, last)
        await self.states.take(stretch.facts)
        if self.states.broken:
            told = next(iter(self.states.found.first), None)
            reason = "" if told is None else f" {told.sentence}"
            raise Conflict(f"A projection cannot be rebuilt from a log that does not hold.{reason}")
        return stretch.until

    def _states(self) -> FoldedStates:
        kinds = frozenset(self.kinds)
        return FoldedStates(
            self.shop.rows, Findings(BEGINNING), self.fingerprint, kinds=kinds, away=self.place > BEGINNING
        )
