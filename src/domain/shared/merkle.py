import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


def leaf(content: bytes) -> bytes:
    """Hash a leaf as RFC 6962 does: SHA-256 over 0x00 and the content."""
    return hashlib.sha256(b"\x00" + content).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours as RFC 6962 does: SHA-256 over 0x01 and both."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the RFC 6962 root of leaf hashes; that of no leaves is SHA-256 of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level, sha256 = list(leaves), hashlib.sha256
    while len(level) > 1:
        odd = level[-1:] if len(level) & 1 else []
        level = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)  # an odd one climbs as it is
        ] + odd
    return level[0]


@dataclass(slots=True)
class Frontier:
    """A tree that only grows, known by the roots of its complete halves: one for each bit that its size sets."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def add(self, leaf: bytes) -> None:
        """Put a leaf behind the others."""
        added, size = leaf, self.size
        while size & 1:
            added = node(self.peaks.pop(), added)
            size >>= 1
        self.peaks.append(added)
        self.size += 1

    def root(self) -> bytes:
        """Return the RFC 6962 root of all leaves so far."""
        if not self.peaks:
            return root(())
        found = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            found = node(peak, found)
        return found


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root of leaves that come one after another, keeping none of them."""
    tree = Frontier()
    for one in leaves:
        tree.add(one)
    return tree.root()
