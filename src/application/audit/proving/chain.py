from dataclasses import dataclass, field
from hashlib import sha256
from typing import Self

from application.audit.proving.finding import Finding, FindingKind
from application.audit.proving.seals import NOTHING, StoredSeal
from application.audit.proving.stored_log import BEGINNING, StoredCommit
from application.shared.ports import Place
from domain.shared import merkle


@dataclass(slots=True)
class Chain:
    """How far the commits have been followed: the last one's number, end and hash, and the tree of them all."""

    number: int = 0
    end: Place = BEGINNING
    head: bytes = NOTHING
    tree: merkle.Frontier = field(default_factory=merkle.Frontier)

    @classmethod
    def at(cls, sealed: StoredSeal) -> Self | None:
        """Return the chain as a seal left it; None when what was stored to go on from is not what it signed."""
        statement = sealed.seal.statement
        tree = merkle.Frontier(statement.commit_count, list(sealed.frontier))
        if len(sealed.frontier) != statement.commit_count.bit_count() or tree.root() != statement.tree_root:
            return None
        return cls(statement.commit_count, statement.position, statement.chain, tree)

    def fault(self, commit: StoredCommit) -> Finding | None:
        """Say why this cannot be the next commit; its root is taken at its word."""
        begin = Place(self.end + 1)
        if commit.number != self.number + 1:
            return Finding.of(
                FindingKind.COMMIT_MISSING, f"Commit {self.number + 1} is missing.", place=begin
            )
        if commit.first != begin:
            sentence = (
                f"Commit {commit.number} was altered: it says that it begins at position {commit.first}."
            )
        elif commit.count < 1:
            sentence = f"Commit {commit.number} was altered: it says that it holds {commit.count} events."
        elif commit.chain != self.hash_of(commit):
            sentence = f"Commit {commit.number} was altered: its hash does not follow from the one before and its row."
        else:
            return None
        return Finding.of(FindingKind.COMMIT_ALTERED, f"{sentence[:-1]} (position {begin}).", place=begin)

    def take(self, commit: StoredCommit) -> None:
        """Go on to the next commit, which has no fault."""
        self.number, self.end, self.head = commit.number, commit.last, commit.chain
        self.tree.add(commit.leaf())

    def hash_of(self, commit: StoredCommit) -> bytes:
        """Return what the chain becomes with this commit."""
        return sha256(self.head + commit.content()).digest()
