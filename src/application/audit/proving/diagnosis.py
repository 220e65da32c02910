from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

from application.audit.proving.archive import ArchiveFault
from application.audit.proving.finding import Finding, FindingKind
from application.audit.proving.roots import Gap, WrongRoot
from application.audit.proving.stored_log import StoredCommit, StoredLog
from application.shared.ports import Place
from domain.shared import merkle

LARGEST: Final = 100
"""Facts of a commit in which every pair is tried for having been swapped."""

_END: Final = Place(2**63 - 1)


async def diagnose(log: StoredLog, fault: Gap | WrongRoot | ArchiveFault) -> Finding:
    """Say in a sentence what was done to the log where hashing it again went wrong, and in which file."""
    if isinstance(fault, ArchiveFault):
        return fault.finding()
    finding = await _diagnosed(log, fault)
    file = None if finding.place is None else await log.file_of(finding.place)
    if file is None:
        return finding
    return replace(finding, sentence=f"{finding.sentence[:-1]} (in the archive's file {file}).")


async def _diagnosed(log: StoredLog, fault: Gap | WrongRoot) -> Finding:
    if isinstance(fault, Gap):
        return _of_gap(fault)
    recorded = await _recorded(log, fault.commit)
    if recorded is None:
        return _within(fault)
    first = next(n for n, leaf in enumerate(fault.leaves) if leaf != recorded[n])
    return await _of_one(log, _Misfit(fault, recorded, first))


def _of_gap(gap: Gap) -> Finding:
    if gap.found < gap.expected:
        sentence = f"There are two events at position {gap.found}: one was inserted."
        return Finding.of(FindingKind.EVENT_INSERTED, sentence, place=gap.found)
    last = gap.found - 1
    sentence = (
        f"The event at position {gap.expected} is missing."
        if last == gap.expected
        else f"The events from position {gap.expected} to {last} are missing."
    )
    return Finding.of(FindingKind.EVENT_MISSING, sentence, place=gap.expected)


@dataclass(frozen=True, slots=True)
class _Misfit:
    """The first fact of a commit that does not have the leaf that was recorded there."""

    fault: WrongRoot
    recorded: Sequence[bytes]
    index: int

    @property
    def place(self) -> Place:
        return Place(self.fault.commit.first + self.index)

    @property
    def found(self) -> bytes:
        return self.fault.leaves[self.index]

    @property
    def right(self) -> bytes:
        return self.recorded[self.index]


async def _recorded(log: StoredLog, commit: StoredCommit) -> Sequence[bytes] | None:
    """Return the leaves that the commit was made of; None where none are on record that have its root."""
    leaves = [commit.root] if commit.count == 1 else await log.leaves_on_record(commit.number)
    return leaves if leaves is not None and merkle.root(leaves) == commit.root else None


def _within(fault: WrongRoot) -> Finding:
    """A root covers a commit's facts together: alone it tells a swap among them, but not which one was altered."""
    commit = fault.commit
    for one, other in combinations(range(commit.count) if commit.count <= LARGEST else (), 2):
        leaves = list(fault.leaves)
        leaves[one], leaves[other] = leaves[other], leaves[one]
        if merkle.root(leaves) == commit.root:
            sentence = (
                f"The events at positions {commit.first + one} and {commit.first + other} were swapped."
            )
            return Finding.of(FindingKind.EVENT_MOVED, sentence, place=commit.first + one)
    sentence = (
        f"One of the events from position {commit.first} to {commit.last} (commit {commit.number}) is not what was "
        "recorded there: it was altered, or another stands in its place."
    )
    return Finding.of(FindingKind.EVENT_ALTERED, sentence, place=commit.first)


async def _of_one(log: StoredLog, misfit: _Misfit) -> Finding:
    """Look where the fact is that belongs here, and where the one belongs that is here."""
    place = misfit.place
    there, belongs = await _where(log, misfit), await _belongs(log, misfit)
    if there is not None and belongs == there:
        sentence = f"The events at positions {place} and {there} were swapped."
        return Finding.of(FindingKind.EVENT_MOVED, sentence, place=place)
    if there is not None and belongs is None:
        sentence = (
            f"The event at position {place} was inserted: the one that belongs there stands at {there}."
        )
        return Finding.of(FindingKind.EVENT_INSERTED, sentence, place=place)
    if there is not None:
        sentence = f"The event that belongs at position {place} stands at {there}."
        return Finding.of(FindingKind.EVENT_MOVED, sentence, place=place)
    if belongs is not None:
        sentence = f"The event at position {place} is missing: what stands there belongs at {belongs}."
        return Finding.of(FindingKind.EVENT_MISSING, sentence, place=place)
    sentence = f"The event at position {place} was altered: it is not what was recorded there."
    return Finding.of(FindingKind.EVENT_ALTERED, sentence, place=place)


async def _belongs(log: StoredLog, misfit: _Misfit) -> Place | None:
    """Return where the fact that was found was recorded: in this commit, in the next, or alone in a later one."""
    commit = misfit.fault.commit
    if misfit.found in misfit.recorded:
        return Place(commit.first + list(misfit.recorded).index(misfit.found))
    for following in await log.commits(after=commit.number, limit=1):
        recorded = await _recorded(log, following) or ()
        if misfit.found in recorded:
            return Place(following.first + list(recorded).index(misfit.found))
    alone = await log.commit_by_root(misfit.found, after=commit.number)
    return None if alone is None else alone.first


async def _where(log: StoredLog, misfit: _Misfit) -> Place | None:
    """Return where behind it the fact stands that belongs there."""
    there = None
    with suppress(ArchiveFault):  # what cannot be read is not where it is
        async for run in log.leaves(after=misfit.place, until=_END):
            if there is None and misfit.right in run.leaves:
                there = Place(run.first + list(run.leaves).index(misfit.right))
    return there
