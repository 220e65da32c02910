from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

from application.audit.proving.commit_tree import CommitTree
from application.audit.proving.proofs import InclusionProof, ProofFails
from application.audit.proving.seals import Anchor, Seal, SealKeys, Seals, StoredSeal
from application.audit.proving.stored_log import LeafOf, LeafRun, StoredCommit, StoredFact
from application.shared.ports import Begin, Place
from domain.shared.errors import Conflict, NotFound
from domain.shared.merkle_proofs import inclusion_ranges, path


class NotSealedYet(Conflict):
    """What came since the last seal cannot be proven."""

    def __init__(self, place: Place) -> None:
        super().__init__(
            f"No seal covers position {place} yet; the log is sealed every five minutes, so ask again later."
        )


class SharedLog(Protocol):
    """The log for those who may see a part of its facts, and of all others nothing but hashes."""

    async def fact(self, place: Place) -> StoredFact | None:
        """Return the fact at a place, if there is one that the actor may see."""
        ...

    async def commit_of(self, place: Place) -> StoredCommit | None:
        """Return the last commit that begins there or before."""
        ...

    async def commits(self, *, after: int, limit: int) -> Sequence[StoredCommit]:
        """Return commits in the order of their numbers."""
        ...

    def leaves(self, *, after: Place, until: Place) -> AsyncIterator[LeafRun]:
        """Return the hashes of everybody's facts in the order of their places; a new run begins after every gap."""
        ...


class SharedLogWork(Protocol):
    """What proving one's own facts needs of the transaction."""

    @property
    def shared_log(self) -> SharedLog:
        """The log, with hashes in place of what others' facts say."""
        ...

    @property
    def seals(self) -> Seals:
        """The seals."""
        ...


@dataclass(frozen=True, slots=True)
class _Placed:
    fact: StoredFact
    commit: StoredCommit
    in_commit: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ProveFacts:
    """Prove that facts stand in the log, all under one seal."""

    begin: Begin[SharedLogWork]
    keys: SealKeys
    leaf_of: LeafOf
    tree: CommitTree = field(default_factory=CommitTree)
    anchor: Anchor | None = None

    async def __call__(
        self, *, places: Sequence[Place], seal: int | None = None, sealed_only: bool = False
    ) -> tuple[InclusionProof, ...]:
        """Return the proofs in the order of the places, under this seal or the first that covers them.

        With `sealed_only`, those that no seal covers are left out. Raises NotFound, NotSealedYet, SealNotFound, and
        ProofFails when the log is not what was sealed.
        """
        async with self.begin(None) as work:
            if sealed_only:
                last = await work.seals.last()
                end = 0 if last is None else last.seal.statement.position
                places = [place for place in places if place <= end]
            if not places:
                return ()
            placed = [await _placed(work.shared_log, place) for place in places]
            covering = await _covering(work.seals, placed, seal)
            try:
                return await self._checked(work.shared_log, placed, covering.seal)
            except ProofFails:
                if not self.tree.forget():
                    raise
                return await self._checked(work.shared_log, placed, covering.seal)

    async def _checked(
        self, log: SharedLog, placed: Sequence[_Placed], seal: Seal
    ) -> tuple[InclusionProof, ...]:
        size = seal.statement.commit_count
        wanted = [inclusion_ranges(one.commit.number - 1, size) for one in placed]
        nodes = await self.tree.nodes(log, size, chain.from_iterable(wanted))
        stamp = None if self.anchor is None else await self.anchor.stamp(seal.statement.number)
        proofs = tuple(
            InclusionProof(
                fact=one.fact,
                commit_number=one.commit.number,
                commit_first=one.commit.first,
                commit_count=one.commit.count,
                in_commit=one.in_commit,
                in_tree=tuple(nodes[part.start, part.stop] for part in ranges),
                seal=seal,
                stamp=stamp,
            )
            for one, ranges in zip(placed, wanted, strict=True)
        )
        for proof in proofs:
            proof.check(self.keys, self.leaf_of)
        return proofs


async def _placed(log: SharedLog, place: Place) -> _Placed:
    fact, commit = await log.fact(place), await log.commit_of(place)
    if fact is None or commit is None or place > commit.last:
        raise NotFound(f"The log has no event at position {place}, or it is not yours to see.")
    leaves: list[bytes] = []
    async for run in log.leaves(after=Place(commit.first - 1), until=commit.last):
        leaves.extend(run.leaves)
    if len(leaves) != commit.count:
        raise ProofFails(f"Commit {commit.number} does not hold what it says: events of it are missing.")
    return _Placed(fact, commit, path(leaves, inclusion_ranges(place - commit.first, commit.count)))


async def _covering(seals: Seals, placed: Sequence[_Placed], number: int | None) -> StoredSeal:
    latest = max(placed, key=lambda one: one.commit.number)
    found = await seals.covering(latest.commit.number) if number is None else await seals.get(number)
    if found is None or found.seal.statement.commit_count < latest.commit.number:
        raise NotSealedYet(latest.fact.place)
    return found
