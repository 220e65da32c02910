from dataclasses import dataclass

from application.audit.proving.seals import Authorities, Seal, SealKeys, Stamp, StampFails
from application.audit.proving.stored_log import LeafOf, StoredCommit, StoredFact
from application.shared.ports import Place
from domain.shared.errors import Conflict
from domain.shared.merkle_proofs import is_consistent, root_by_inclusion


class ProofFails(Conflict):
    """A proof that does not prove what it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InclusionProof:
    """That a fact stands at its place in the log which a seal signed: nothing else is needed to check it.

    `in_commit` leads from the fact to its commit's root, `in_tree` from the commit to the root that the seal signs;
    `stamp` is an authority's RFC 3161 response about the seal, where there is one.
    """

    fact: StoredFact
    commit_number: int
    commit_first: Place
    commit_count: int
    in_commit: tuple[bytes, ...]
    in_tree: tuple[bytes, ...]
    seal: Seal
    stamp: bytes | None = None

    def check(self, keys: SealKeys, leaf_of: LeafOf) -> None:
        """Raise ProofFails, saying why, unless the fact was there when somebody trusted signed the log."""
        _check_seal(self.seal, keys)
        said = self.seal.statement
        root = root_by_inclusion(
            leaf_of(self.fact),
            index=self.fact.place - self.commit_first,
            size=self.commit_count,
            hashes=self.in_commit,
        )
        if root is None:
            raise ProofFails(
                f"The proof of position {self.fact.place} does not fit commit {self.commit_number}: it was cut, or "
                "made for another size or place."
            )
        commit = StoredCommit(
            number=self.commit_number, first=self.commit_first, count=self.commit_count, root=root, chain=b""
        )
        found = root_by_inclusion(
            commit.leaf(), index=self.commit_number - 1, size=said.commit_count, hashes=self.in_tree
        )
        if found != said.tree_root:
            raise ProofFails(
                f"The event is not the one at position {self.fact.place} of the log that seal {said.number} signed: "
                "it, its place or its proof was altered."
            )

    def check_stamp(self, authorities: Authorities) -> Stamp:
        """Return when an authority saw the seal, which was there by then; raises ProofFails, saying why not."""
        number = self.seal.statement.number
        if self.stamp is None:
            raise ProofFails(f"The proof holds no time stamp of seal {number}.")
        try:
            stamp = authorities.check(self.stamp)
        except StampFails as fault:
            raise ProofFails(f"The time stamp of seal {number} does not hold: {fault.reason}.") from None
        if stamp.digest != self.seal.digest():
            raise ProofFails(f"The time stamp is of something else than seal {number}.")
        return stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsistencyProof:
    """That the log of a later seal begins with the whole log of an earlier one."""

    old: Seal
    new: Seal
    hashes: tuple[bytes, ...]

    def check(self, keys: SealKeys) -> None:
        """Raise ProofFails, saying why, unless nothing that the old seal covers was changed until the new one."""
        for seal in (self.old, self.new):
            _check_seal(seal, keys)
        old, new = self.old.statement, self.new.statement
        if not is_consistent(
            old=old.commit_count,
            old_root=old.tree_root,
            new=new.commit_count,
            new_root=new.tree_root,
            hashes=self.hashes,
        ):
            raise ProofFails(
                f"The log of seal {new.number} is not shown to begin with that of seal {old.number}: the log was "
                "forked, or the proof altered."
            )


def _check_seal(seal: Seal, keys: SealKeys) -> None:
    said = seal.statement
    if said.key_id not in keys.ids:
        raise ProofFails(
            f"Seal {said.number} is by key {said.key_id.hex()[:16]}, which is not among those trusted."
        )
    if not keys.verifies(seal):
        raise ProofFails(f"The signature of seal {said.number} does not hold: the seal was altered.")
