from dataclasses import dataclass
from typing import Final

from application.audit.proving.proof_work import ProofWork
from application.audit.proving.proofs import InclusionProof, ProofFails
from application.audit.proving.seals import Anchor, NotSealed, Seal, SealKeys, Seals
from application.audit.proving.stored_log import LeafOf, StoredCommit, StoredLog
from application.shared.ports import Begin, Place
from domain.shared.errors import NotFound
from domain.shared.merkle_proofs import Path, inclusion_ranges

PAGE: Final = 4096

STAMPED_WITHIN: Final = 100
"""Seals that are looked at for the first with a time stamp."""


@dataclass(frozen=True, slots=True)
class ProveFact:
    """Prove to somebody who has a seal, and no database, that a fact stands in the log."""

    begin: Begin[ProofWork]
    keys: SealKeys
    leaf_of: LeafOf
    anchor: Anchor | None = None

    async def __call__(self, *, place: Place, seal: int | None = None) -> InclusionProof:
        """Return the proof under this seal, or the first that covers the place: the first with a time stamp, if any is.

        Raises NotFound, NotSealed, and ProofFails when the log is not what was sealed, so that nothing can be proven.
        """
        async with self.begin(None) as work:
            log = work.stored_log
            fact, commit = await log.fact(place), await log.commit_of(place)
            if fact is None or commit is None or place > commit.last:
                raise NotFound(f"The log has no event at position {place}.")
            found = await work.seals.covering(commit.number) if seal is None else await work.seals.get(seal)
            if found is None or found.seal.statement.commit_count < commit.number:
                raise NotSealed(place)
            covering, stamp = await self._stamped(work.seals, found.seal, alone=seal is not None)
            proof = InclusionProof(
                fact=fact,
                commit_number=commit.number,
                commit_first=commit.first,
                commit_count=commit.count,
                in_commit=await _in_commit(log, commit, place),
                in_tree=await path_in_tree(
                    log,
                    covering,
                    inclusion_ranges(commit.number - 1, covering.statement.commit_count),
                ),
                seal=covering,
                stamp=stamp,
            )
        proof.check(self.keys, self.leaf_of)
        return proof

    async def _stamped(self, seals: Seals, first: Seal, *, alone: bool) -> tuple[Seal, bytes | None]:
        """Return a seal with its stamp: the first, unless an outage left it without and a later one has one."""
        number = first.statement.number
        if self.anchor is None or await self.anchor.last() < number:
            return first, None
        for one in await seals.after(number - 1, limit=1 if alone else STAMPED_WITHIN):
            if (stamp := await self.anchor.stamp(one.seal.statement.number)) is not None:
                return one.seal, stamp
        return first, None


async def _in_commit(log: StoredLog, commit: StoredCommit, place: Place) -> tuple[bytes, ...]:
    path = Path(inclusion_ranges(place - commit.first, commit.count))
    async for run in log.leaves(after=Place(commit.first - 1), until=commit.last):
        for leaf in run.leaves:
            path.take(leaf)
    return path.hashes()


async def path_in_tree(log: StoredLog, seal: Seal, ranges: list[range]) -> tuple[bytes, ...]:
    """Return a proof's hashes over the commits that a seal covers; raises ProofFails when one is missing."""
    path, number, size = Path(ranges), 0, seal.statement.commit_count
    while number < size:
        page = await log.commits(after=number, limit=min(PAGE, size - number))
        if not page:
            raise ProofFails(f"The log ends before commit {size}, which seal {seal.statement.number} covers.")
        for commit in page:
            path.take(commit.leaf())
        number = page[-1].number
    return path.hashes()
