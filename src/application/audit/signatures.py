from collections import deque
from dataclasses import dataclass, field
from typing import Final

from application.audit.chain import Chain
from application.audit.finding import Finding, FindingKind
from application.audit.seals import NOTHING, Anchor, Seal, SealKeys, Seals, Statement
from application.audit.stored_log import BEGINNING
from application.shared.ports import Place

PAGE: Final = 1000


@dataclass(slots=True)
class SealWalk:
    """Seals whose signatures hold, waiting for the log to come to where each was made; and the first that does not."""

    waiting: deque[Statement] = field(default_factory=deque)
    digest: bytes = NOTHING
    seals: int = 0
    position: Place = BEGINNING
    commits: int = 0
    agreed: Place = BEGINNING
    finding: Finding | None = None

    def take(self, seal: Seal, keys: SealKeys) -> Finding | None:
        """Check the next seal against the one before it, and its signature."""
        said = seal.statement
        number, begin = self.seals + 1, self.position + 1
        where = f"positions {begin} to {said.position}"
        if said.number != number:
            return Finding.of(FindingKind.SEAL_MISSING, f"Seal {number} is missing.", place=begin)
        if said.key_id not in keys.ids:
            sentence = f"Seal {number} ({where}) is by key {said.key_id.hex()[:16]}, which is not among those trusted."
            return Finding.of(FindingKind.SEAL_BY_ANOTHER_KEY, sentence, place=begin)
        if not keys.verifies(seal):
            sentence = f"Seal {number} ({where}) was altered: its signature does not hold."
            return Finding.of(FindingKind.SEAL_ALTERED, sentence, place=begin)
        if said.previous != self.digest or said.commit_count <= self.commits:
            sentence = f"Seal {number} ({where}) does not continue the one before it."
            return Finding.of(FindingKind.SEAL_ALTERED, sentence, place=begin)
        self.seals, self.position, self.commits = number, said.position, said.commit_count
        self.digest = seal.digest()
        self.waiting.append(said)
        return None

    def compare(self, chain: Chain) -> Finding | None:
        """Compare the log, at the commit that was just followed, with the seal that was made there."""
        while self.waiting and self.waiting[0].commit_count < chain.number:
            self.agreed = self.waiting.popleft().position  # from before where the reading began
        if not self.waiting or self.waiting[0].commit_count != chain.number:
            return None
        said = self.waiting.popleft()
        if (said.position, said.chain, said.tree_root) == (chain.end, chain.head, chain.tree.root()):
            self.agreed = said.position
            return None
        begin = self.agreed + 1
        sentence = (
            f"What stands from position {begin} to {said.position} is not what seal {said.number} signed: commits were "
            "rewritten, and their hashes made to fit."
        )
        return Finding.of(FindingKind.SEAL_BROKEN, sentence, place=begin)

    def beyond(self, commit: int) -> int | None:
        """Return the first seal that covers more than so many commits."""
        return next((said.number for said in self.waiting if said.commit_count > commit), None)


async def check_seals(seals: Seals, keys: SealKeys) -> SealWalk:
    """Follow the chain of seals, up to the first that does not hold."""
    walk = SealWalk()
    while page := await seals.after(walk.seals, limit=PAGE):
        for stored in page:
            walk.finding = walk.take(stored.seal, keys)
            if walk.finding is not None:
                return walk
    return walk


async def check_anchors(anchor: Anchor, seals: Seals) -> Finding | None:
    """Compare the seals with those that were kept outside the database."""
    kept = await anchor.kept()
    for begin in range(0, len(kept), PAGE):
        part = kept[begin : begin + PAGE]
        page = await seals.after(part[0][0] - 1, limit=PAGE)
        stored = {one.seal.statement.number: one.seal for one in page}
        for number, digest in part:
            seal = stored.get(number)
            if seal is None:
                sentence = f"Seal {number} is missing: it was anchored, and is not in the database any more."
                return Finding.of(FindingKind.SEAL_MISSING, sentence, place=None)
            if seal.digest() != digest:
                sentence = f"Seal {number} was exchanged: another one was anchored under its number."
                return Finding.of(FindingKind.SEAL_ALTERED, sentence, place=seal.statement.position)
    return None
