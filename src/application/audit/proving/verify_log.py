from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from application.audit.proving.archive import ArchiveFault
from application.audit.proving.chain import Chain
from application.audit.proving.diagnosis import diagnose
from application.audit.proving.finding import Finding, FindingKind, Verification
from application.audit.proving.proof_work import ProofWork
from application.audit.proving.roots import first_fault
from application.audit.proving.seals import Anchor, SealKeys, StoredSeal
from application.audit.proving.signatures import SealWalk, check_anchors, check_seals
from application.audit.proving.stored_log import BEGINNING, StoredCommit
from application.shared.ports import Begin, Place
from domain.shared.errors import Invalid

END: Final = Place(2**63 - 1)
"""Behind every fact."""

PAGE: Final = 4096
"""Commits that are held at once."""

Progress: TypeAlias = Callable[[Place], None]
"""Told how far the log has been read."""


def _silent(place: Place) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Held:
    """Between which places the facts of whole commits can be hashed again."""

    after: Place = BEGINNING
    until: Place = END


@dataclass(frozen=True, slots=True)
class VerifyLog:
    """Hash the whole log again, and name the first fact that is not where it was, or not what it was.

    Nothing stored is believed: leaves are hashed from the stored bytes, commits' roots from the leaves, the chain and
    the tree from the commits, and the seals' signatures are checked with keys that do not come from the database.
    """

    begin: Begin[ProofWork]
    keys: SealKeys
    anchor: Anchor

    async def __call__(
        self,
        *,
        from_seal: int | None = None,
        held: Held | None = None,
        progress: Progress = _silent,
    ) -> Verification:
        """Verify from the beginning, or take what a seal covers on its word; raises SealNotFound and Invalid.

        Where only a part of the facts is held, the other commits' roots are those that the seals sign.
        """
        async with self.begin(None) as work:
            start = None if from_seal is None else await work.seals.get(from_seal)
            try:
                if await work.seals.last() is not None and not self.keys.ids:
                    raise Invalid(
                        "The log is sealed, and no key is trusted to verify that: name one with --public-key, "
                        "PLIMSOLL_SEAL_KEY_FILE or PLIMSOLL_SEAL_KEY."
                    )
                walk = await check_seals(work.seals, self.keys)
            except ArchiveFault as fault:
                walk = SealWalk(finding=fault.finding())
            anchored, anchor_finding = await check_anchors(self.anchor, work.seals)
            reading = _Reading(work, walk, _beginning(start), held or Held(), progress)
            try:
                finding = await reading.read()
            except ArchiveFault as fault:
                finding = fault.finding()
        found = reading.chain
        return Verification(
            since=BEGINNING if start is None else start.seal.statement.position,
            until=found.end,
            facts=reading.facts,
            commits=reading.commits,
            seals=walk.seals,
            sealed_until=walk.position,
            findings=tuple(one for one in (finding, walk.finding or anchor_finding) if one is not None),
            anchored=anchored,
        )


def _beginning(start: StoredSeal | None) -> Chain:
    if start is None:
        return Chain()
    chain = Chain.at(start)
    if chain is None:
        raise Invalid(
            f"What is stored beside seal {start.seal.statement.number} is not what it signed, so nothing can begin "
            "there: verify the whole log."
        )
    return chain


@dataclass(slots=True)
class _Reading:
    """One pass over the log, a page of commits at a time, with their facts."""

    work: ProofWork
    walk: SealWalk
    chain: Chain
    held: Held
    progress: Progress
    facts: int = 0
    commits: int = 0

    async def read(self) -> Finding | None:
        """Return the first thing that is wrong."""
        since, begun = self.chain.end, self.chain.number
        log = self.work.stored_log
        while page := await log.commits(after=self.chain.number, limit=PAGE):
            finding = await self._page(page)
            if finding is not None:
                return finding
            self.progress(self.chain.end)
        return (
            self._unreached()
            or await self._uncommitted()
            or await self._out_of_turn(since)
            or await self._misdated(begun)
        )

    async def _page(self, page: Sequence[StoredCommit]) -> Finding | None:
        sound, finding = [], None
        for commit in page:
            finding = self.chain.fault(commit)
            if finding is None:
                self.chain.take(commit)
                sound.append(commit)
                finding = self.walk.compare(self.chain)
            if finding is not None:
                break
        here = [
            commit for commit in sound if self.held.after < commit.first and commit.last <= self.held.until
        ]
        fault = await first_fault(self.work.stored_log, Place(here[0].first - 1), here) if here else None
        if fault is not None:
            finding = await diagnose(self.work.stored_log, fault)
            before = Place(0) if finding.place is None else finding.place
            here, sound = ([one for one in commits if one.last < before] for commits in (here, sound))
        self.facts += sum(commit.count for commit in here)
        self.commits += len(sound)
        return finding

    def _unreached(self) -> Finding | None:
        number = self.walk.beyond(self.chain.number)
        if number is None:
            return None
        sentence = (
            f"The log ends at position {self.chain.end} (commit {self.chain.number}), and seal {number} covers more: "
            "its end was cut off."
        )
        return Finding.of(FindingKind.COMMIT_MISSING, sentence, place=self.chain.end + 1)

    async def _uncommitted(self) -> Finding | None:
        place = await self.work.stored_log.uncommitted()
        if place is None:
            return None
        sentence = f"The event at position {place} was inserted: no commit holds it."
        return Finding.of(FindingKind.EVENT_INSERTED, sentence, place=place)

    async def _out_of_turn(self, since: Place) -> Finding | None:
        place = await self.work.stored_log.out_of_turn(after=since, until=self.chain.end)
        if place is None:
            return None
        sentence = (
            f"The event at position {place} does not continue its stream: versions count from one, in order."
        )
        return Finding.of(FindingKind.EVENT_OUT_OF_TURN, sentence, place=place)

    async def _misdated(self, begun: int) -> Finding | None:
        number = await self.work.stored_log.misdated(after=begun, until=self.chain.number)
        if number is None:
            return None
        sentence = f"Commit {number} was altered: its time is not that of its events."
        return Finding.of(FindingKind.COMMIT_ALTERED, sentence, place=None)
