from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from application.audit.ports import AuditWork
from application.audit.replaying.report import Findings, ReplayReport
from application.audit.replaying.run import Run
from application.audit.replaying.scratch import Fingerprint, Reproduced, Scratch
from application.audit.replaying.stretch import Stretch, stretch_of
from application.audit.replaying.twin import BEGINNING
from application.shared.ports import Begin, Place
from domain.shared.ids import UserId

Progress: TypeAlias = Callable[[Place, Place], None]
"""Told, after each page of the log, how far the replay has come and how far it goes."""


def _silent(place: Place, until: Place) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Replay:
    """Live the whole log again, and name everything in the record that is not what the facts lead to.

    Checks that know nothing of one another: every fact is written again, and compared with its stored bytes; every
    stored row is compared with the fold of its history, in a scratch schema of its own; every fingerprint that was
    recorded with a state is compared with the state's; every decision of the reactions is made again from its inputs,
    and compared byte for byte; and what the detectors remember is compared with what these decisions leave to be
    remembered, as of the place up to which they have followed the log. The memory that this takes does not grow with
    the log.
    """

    begin: Begin[AuditWork]
    scratch: Scratch
    fingerprint: Fingerprint
    reproduced: Reproduced

    async def __call__(
        self,
        *,
        since: Place = BEGINNING,
        until: Place | None = None,
        user: UserId | None = None,
        progress: Progress = _silent,
    ) -> ReplayReport:
        """Replay the log up to a place (its end by default), and report what differs and was caused after `since`.

        Decisions rest on everything before them, so the replay always begins at the log's beginning. Tables stand
        where the log ends: a replay that ends before compares fingerprints and decisions alone. With a user, only what
        belongs to them is folded, decided and compared.
        """
        async with self.scratch() as space:
            run = Run(space, self.begin, Findings(since), self.fingerprint, self.reproduced, user)
            async with self.begin(None) as work:
                newest = await work.facts.last()
            last = newest if until is None else min(newest, until)
            part = last < newest
            while run.place < last:
                mark = last if part else await run.mark()
                await run.take(await self._read(run.place, last), mark)
                progress(run.place, last)
            await run.follow(self._read, last if part else min(last, await run.mark()))
            async with space.standing_still() as work:
                read, end = partial(stretch_of, work.facts), await work.facts.last()
                whole = until is None or until >= end
                if whole:
                    mark = await run.checked_mark(end)
                    while run.place < end:
                        await run.take(await read(run.place, end), mark)
                        progress(run.place, end)
                    await run.compare(work.facts, mark)
            await run.follow(self._read, run.place)
            async with self.begin(None) as work:
                await run.settle(work.facts)
            return run.report(whole=whole)

    async def _read(self, after: Place, last: Place) -> Stretch:
        async with self.begin(None) as work:
            return await stretch_of(work.facts, after, last)
