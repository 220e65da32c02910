from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.shared import merkle
from domain.shared.errors import Invalid


def inclusion_ranges(index: int, size: int) -> list[range]:
    """Return the leaves under each hash of an inclusion proof (RFC 6962, 2.1.1), in the proof's order.

    Raises Invalid when the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise Invalid(f"A tree of {size} leaves has none at {index}.")
    begin, end, found = 0, size, []
    while end - begin > 1:
        middle = _middle(begin, end)
        if index < middle:
            found.append(range(middle, end))
            end = middle
        else:
            found.append(range(begin, middle))
            begin = middle
    return found[::-1]


def consistency_ranges(old: int, new: int) -> list[range]:
    """Return the leaves under each hash of a consistency proof (RFC 6962, 2.1.2), in the proof's order.

    Raises Invalid unless the old tree has leaves, and no more than the new one.
    """
    if not 0 < old <= new:
        raise Invalid(f"A tree of {new} leaves does not continue one of {old}.")
    begin, end, found, known = 0, new, list[range](), True
    while end != old:
        middle = _middle(begin, end)
        if old <= middle:
            found.append(range(middle, end))
            end = middle
        else:
            found.append(range(begin, middle))
            begin, known = middle, False
    if not known:
        found.append(range(begin, end))
    return found[::-1]


@dataclass(slots=True)
class Path:
    """The hashes of a proof, gathered while the tree's leaves pass by once; nothing else of them is kept."""

    ranges: Sequence[range]
    passed: int = 0
    trees: dict[int, merkle.Frontier] = field(default_factory=dict)

    def take(self, leaf: bytes) -> None:
        """Look at the next leaf of the tree."""
        for place, covered in enumerate(self.ranges):
            if self.passed in covered:
                self.trees.setdefault(place, merkle.Frontier()).add(leaf)
                break
        self.passed += 1

    def hashes(self) -> tuple[bytes, ...]:
        """Return the proof, after the last leaf that it covers."""
        return tuple(self.trees.get(place, merkle.Frontier()).root() for place in range(len(self.ranges)))


def path(leaves: Sequence[bytes], ranges: Sequence[range]) -> tuple[bytes, ...]:
    """Return the hashes of a proof over leaves at hand."""
    return tuple(merkle.root(leaves[covered.start : covered.stop]) for covered in ranges)


def root_by_inclusion(leaf: bytes, *, index: int, size: int, hashes: Sequence[bytes]) -> bytes | None:
    """Return the root that an inclusion proof leads to (RFC 9162, 2.1.3.2); None when it fits no tree of this size."""
    if not 0 <= index < size:
        return None
    here, last, found = index, size - 1, leaf
    for other in hashes:
        if last == 0:
            return None
        if here & 1 or here == last:
            found = merkle.node(other, found)
            here, last = _raised(here, last)
        else:
            found = merkle.node(found, other)
        here, last = here >> 1, last >> 1
    return found if last == 0 else None


def is_consistent(*, old: int, old_root: bytes, new: int, new_root: bytes, hashes: Sequence[bytes]) -> bool:
    """Say whether a consistency proof shows that the new tree begins with the old one (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not hashes and old_root == new_root
    known = (old_root, *hashes) if old & (old - 1) == 0 else tuple(hashes)
    if not known:
        return False
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    was = now = known[0]
    for other in known[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            was, now = merkle.node(other, was), merkle.node(other, now)
            here, last = _raised(here, last)
        else:
            now = merkle.node(now, other)
        here, last = here >> 1, last >> 1
    return last == 0 and (was, now) == (old_root, new_root)


def _raised(here: int, last: int) -> tuple[int, int]:
    """Climb past the levels where a node without a right neighbour is its own parent."""
    while here and not here & 1:
        here, last = here >> 1, last >> 1
    return here, last


def _middle(begin: int, end: int) -> int:
    """Return where a tree divides: its left half is the largest power of two below its size."""
    return begin + (1 << ((end - begin - 1).bit_length() - 1))
