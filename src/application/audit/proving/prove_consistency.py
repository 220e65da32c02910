from dataclasses import dataclass

from application.audit.proving.proof_work import ProofWork
from application.audit.proving.proofs import ConsistencyProof
from application.audit.proving.prove_fact import path_in_tree
from application.audit.proving.seals import SealKeys
from application.shared.ports import Begin
from domain.shared.errors import Invalid
from domain.shared.merkle_proofs import consistency_ranges


@dataclass(frozen=True, slots=True)
class ProveConsistency:
    """Prove that the log only grew between two seals."""

    begin: Begin[ProofWork]
    keys: SealKeys

    async def __call__(self, *, old: int, new: int) -> ConsistencyProof:
        """Return the proof; raises SealNotFound, Invalid, and ProofFails when the log is not what was sealed."""
        if old > new:
            raise Invalid(f"Seal {old} is younger than seal {new}: name the older one first.")
        async with self.begin(None) as work:
            first, second = (await work.seals.get(old)).seal, (await work.seals.get(new)).seal
            ranges = consistency_ranges(first.statement.commit_count, second.statement.commit_count)
            proof = ConsistencyProof(
                old=first, new=second, hashes=await path_in_tree(work.stored_log, second, ranges)
            )
        proof.check(self.keys)
        return proof
