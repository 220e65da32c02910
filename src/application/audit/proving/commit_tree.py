from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

from application.audit.proving.proofs import ProofFails
from application.audit.proving.stored_log import StoredCommit
from domain.shared import merkle

BLOCK: Final = 4096
"""Commits whose root is remembered together; a power of two, so that it is a node of every tree that covers them."""

Hashes: TypeAlias = Mapping[tuple[int, int], bytes]
"""The root over the commits from one index to another."""


class Commits(Protocol):
    """The commits on record."""

    async def commits(self, *, after: int, limit: int) -> Sequence[StoredCommit]:
        """Return commits in the order of their numbers."""
        ...


@dataclass(slots=True)
class CommitTree:
    """The tree over commits that seals sign, of which whole blocks are remembered: the second proof reads little.

    What is remembered may be what stood there before somebody altered it. Whoever builds a proof checks it against the
    seal, and calls `forget` and builds it once more when it does not hold.
    """

    block: int = BLOCK
    known: dict[int, bytes] = field(default_factory=dict)

    def forget(self) -> bool:
        """Forget everything, and say whether there was anything."""
        remembered = bool(self.known)
        self.known.clear()
        return remembered

    async def nodes(self, log: Commits, size: int, wanted: Iterable[range]) -> Hashes:
        """Return the roots over ranges of indices that proofs over so many commits name; raises ProofFails."""
        ranges = set(wanted)
        inside = {one.start // self.block for one in ranges if not self._is_blocks(one, size)}
        roots, leaves = list[bytes](), dict[int, Sequence[bytes]]()
        for number in range(-(-size // self.block)):
            root = self.known.get(number)
            if root is None or number in inside:
                read = await self._leaves(log, number, size)
                root = merkle.root(read)
                if len(read) == self.block:
                    self.known[number] = root
                if number in inside:
                    leaves[number] = read
            roots.append(root)
        return {
            (one.start, one.stop): merkle.root(
                roots[one.start // self.block : -(-one.stop // self.block)]
                if self._is_blocks(one, size)
                else leaves[one.start // self.block][one.start % self.block :][: len(one)]
            )
            for one in ranges
        }

    def _is_blocks(self, indices: range, size: int) -> bool:
        return indices.start % self.block == 0 and (indices.stop % self.block == 0 or indices.stop == size)

    async def _leaves(self, log: Commits, number: int, size: int) -> Sequence[bytes]:
        begin = number * self.block
        expected = min(self.block, size - begin)
        page = await log.commits(after=begin, limit=expected)
        if len(page) != expected:
            raise ProofFails(f"The log holds fewer commits than the {size} that the seal covers.")
        return [commit.leaf() for commit in page]
