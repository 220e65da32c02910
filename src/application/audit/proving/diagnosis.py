from contextlib import suppress
from dataclasses import replace
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
    if fault.commit.count > 1:
        return _within(fault)
    return await _of_one(log, fault.commit, fault.leaves[0])


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


def _within(fault: WrongRoot) -> Finding:
    """A commit's root covers its facts together: it tells a swap among them, but not which one was altered."""
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


async def _of_one(log: StoredLog, commit: StoredCommit, found: bytes) -> Finding:
    """A commit of one fact has that fact's leaf for its root: so we can look where the right one is."""
    place, there = commit.first, await _where(log, commit.root, after=commit.first)
    other = await log.commit_by_root(found, after=commit.number)
    if there is not None and other is not None and other.first == there:
        sentence = f"The events at positions {place} and {there} were swapped."
        return Finding.of(FindingKind.EVENT_MOVED, sentence, place=place)
    if there is not None and other is None:
        sentence = (
            f"The event at position {place} was inserted: the one that belongs there stands at {there}."
        )
        return Finding.of(FindingKind.EVENT_INSERTED, sentence, place=place)
    if there is not None:
        sentence = f"The event that belongs at position {place} stands at {there}."
        return Finding.of(FindingKind.EVENT_MOVED, sentence, place=place)
    if other is not None:
        sentence = f"The event at position {place} is missing: what stands there belongs at {other.first}."
        return Finding.of(FindingKind.EVENT_MISSING, sentence, place=place)
    sentence = f"The event at position {place} was altered: it is not what was recorded there."
    return Finding.of(FindingKind.EVENT_ALTERED, sentence, place=place)


async def _where(log: StoredLog, leaf: bytes, *, after: Place) -> Place | None:
    there = None
    with suppress(ArchiveFault):  # what cannot be read is not where it is
        async for run in log.leaves(after=after, until=_END):
            if there is None and leaf in run.leaves:
                there = Place(run.first + list(run.leaves).index(leaf))
    return there
