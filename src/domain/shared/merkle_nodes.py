from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self, TypeAlias

from domain.shared import merkle

_Node: TypeAlias = tuple[int, int, bytes]
"""Where a node's leaves begin and end, and its hash."""


@dataclass(slots=True)
class Nodes:
    """Chosen nodes of a tree, for any number of proofs at once, gathered while its leaves pass by once.

    A range of leaves that an RFC 6962 proof names is either a complete subtree or ends where the tree does.
    """

    wanted: frozenset[tuple[int, int]]
    size: int = 0
    found: dict[tuple[int, int], bytes] = field(default_factory=dict)
    _peaks: list[_Node] = field(default_factory=list)

    @classmethod
    def under(cls, ranges: Iterable[range]) -> Self:
        """Prepare for these ranges of leaves."""
        return cls(frozenset((one.start, one.stop) for one in ranges))

    def take(self, leaf: bytes) -> None:
        """Look at the next leaf."""
        node = self._seen((self.size, self.size + 1, leaf))
        self.size += 1
        while self._peaks and self._peaks[-1][1] - self._peaks[-1][0] == node[1] - node[0]:
            node = self._joined(self._peaks.pop(), node)
        self._peaks.append(node)

    def roots(self, ranges: Iterable[range]) -> tuple[bytes, ...]:
        """Return the hashes over these ranges, after the last leaf; raises KeyError for one that is no node."""
        if self._peaks:
            last = self._peaks[-1]
            for peak in reversed(self._peaks[:-1]):
                last = self._joined(peak, last)
        return tuple(self.found[one.start, one.stop] for one in ranges)

    def _joined(self, left: _Node, right: _Node) -> _Node:
        return self._seen((left[0], right[1], merkle.node(left[2], right[2])))

    def _seen(self, node: _Node) -> _Node:
        if node[:2] in self.wanted:
            self.found[node[0], node[1]] = node[2]
        return node
