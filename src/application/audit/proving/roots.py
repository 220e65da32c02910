from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from application.audit.proving.archive import ArchiveFault
from application.audit.proving.stored_log import LeafRun, StoredCommit, StoredLog
from application.shared.ports import Place
from domain.shared import merkle


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Facts that are not there, or one that is there twice."""

    expected: Place
    found: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongRoot:
    """A commit whose facts do not have its root."""

    commit: StoredCommit
    leaves: tuple[bytes, ...]


async def first_fault(
    log: StoredLog, before: Place, commits: Sequence[StoredCommit]
) -> Gap | WrongRoot | ArchiveFault | None:
    """Hash the facts of consecutive commits, and return the first thing that does not fit them."""
    if not commits:
        return None
    roots, fault = _Roots(before, commits), None
    try:
        async for run in log.leaves(after=before, until=commits[-1].last):
            fault = fault or roots.take(
                run
            )  # the rest of the run has to be read, or nothing else can be asked
    except ArchiveFault as broken:
        return fault or broken
    return fault or roots.end()


class _Roots:
    """Compares runs of leaves with the roots of the commits that should hold them; keeps one commit's at most."""

    def __init__(self, before: Place, commits: Iterable[StoredCommit]) -> None:
        self._commits = deque(commits)
        self._place = before
        self._until = self._commits[-1].last if self._commits else before
        self._held: list[bytes] = []

    def take(self, run: LeafRun) -> Gap | WrongRoot | None:
        """Go on with the next run, and return the first thing that is wrong with it."""
        if run.first != self._place + 1:
            return Gap(expected=Place(self._place + 1), found=run.first)
        self._place = Place(run.first + len(run.leaves) - 1)
        held = [*self._held, *run.leaves] if self._held else run.leaves
        done = 0
        while self._commits and len(held) - done >= self._commits[0].count:
            commit = self._commits.popleft()
            leaves = held[done : done + commit.count]
            if merkle.root(leaves) != commit.root:
                return WrongRoot(commit=commit, leaves=tuple(leaves))
            done += commit.count
        self._held = list(held[done:])
        return None

    def end(self) -> Gap | None:
        """Say what is missing after the last run."""
        if self._place == self._until:
            return None
        return Gap(expected=Place(self._place + 1), found=Place(self._until + 1))
