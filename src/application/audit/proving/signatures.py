from collections import deque
from dataclasses import dataclass, field
from typing import Final

from application.audit.proving.chain import Chain
from application.audit.proving.finding import Anchored, Finding, FindingKind
from application.audit.proving.seals import NOTHING, Anchor, Kept, Seal, SealKeys, Seals, Statement
from application.audit.proving.stored_log import BEGINNING
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


async def check_anchors(anchor: Anchor, seals: Seals) -> tuple[Anchored, Finding | None]:
    """Compare the seals with those that were kept outside the database."""
    kept: dict[int, list[Kept]] = {}
    for one in await anchor.kept():
        kept.setdefault(one.number, []).append(one)
    anchored, number = _extent(kept), 0
    while kept and (page := await seals.after(max(number, min(kept) - 1), limit=PAGE)):
        for stored in page:
            for one in kept.pop(stored.seal.statement.number, ()):
                finding = _compare(stored.seal, one)
                if finding is not None:
                    return anchored, finding
        number = page[-1].seal.statement.number
        if kept and min(kept) <= number:
            break
    if not kept:
        return anchored, None
    sentence = f"Seal {min(kept)} is missing: it was anchored, and is not in the database any more."
    return anchored, Finding.of(FindingKind.SEAL_MISSING, sentence, place=None)


def _compare(seal: Seal, kept: Kept) -> Finding | None:
    number, place = kept.number, seal.statement.position
    if kept.fault is not None:
        sentence = f"The time stamp of seal {number} does not hold: {kept.fault}."
        return Finding.of(FindingKind.STAMP_FALSE, sentence, place=place)
    if seal.digest() == kept.digest:
        return None
    done = "anchored" if kept.at is None else f"stamped at {kept.at:%Y-%m-%d %H:%M:%S} UTC"
    sentence = f"Seal {number} was exchanged: another one was {done} under its number."
    return Finding.of(FindingKind.SEAL_ALTERED, sentence, place=place)


def _extent(kept: dict[int, list[Kept]]) -> Anchored:
    stamps = [(one.number, one.at) for found in kept.values() for one in found if one.at is not None]
    number, at = max(stamps, default=(0, None))
    return Anchored(last=max(kept, default=0), stamps=len(stamps), stamped=number, stamped_at=at)
