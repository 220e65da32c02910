from collections.abc import Sequence
from pathlib import Path

from adapters.seals.authorities import Authorities
from adapters.seals.leaf import leaf_of
from application.audit.proving.proofs import ConsistencyProof, InclusionProof
from application.shared.ports import Place
from entrypoints.cli.audit.ledger import ledger
from entrypoints.cli.audit.moment import written
from entrypoints.cli.audit.proof_file import ProofFile, read_proof
from entrypoints.cli.audit.seals import summary_of
from entrypoints.cli.audit.trust import keys_in
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json


def print_proof(place: int, *, seal: int | None) -> None:
    """Print the proof that an event stands at its position."""
    print_json(ProofFile.of(run(_prove(Place(place), seal))).model_dump(mode="json"))


async def _prove(place: Place, seal: int | None) -> InclusionProof:
    async with ledger() as container:
        return await container.prove_fact()(place=place, seal=seal)


def verify_proof(
    path: Path, *, public_keys: Sequence[Path], tsa_roots: Path | None = None, as_json: bool
) -> None:
    """Check a proof without a database; raises ProofFails when it does not hold."""
    proof = read_proof(path)
    proof.check(keys_in(public_keys), leaf_of)
    stamp = None if tsa_roots is None else proof.check_stamp(Authorities.read(tsa_roots))
    if as_json:
        print_json(
            {
                "holds": True,
                "position": proof.fact.place,
                "type": proof.fact.type,
                "seal": summary_of(proof.seal),
                "stamped_at": None if stamp is None else written(stamp.at),
            }
        )
        return
    said = proof.seal.statement
    console().print(
        f"Position {proof.fact.place} holds {proof.fact.type} as the proof says: seal {said.number}, made "
        f"{written(said.sealed_at)} by key {said.key_id.hex()[:16]}, covers it.",
        style="good",
    )
    if stamp is not None:
        console().print(
            f"A time-stamping authority saw that seal at {written(stamp.at)}, so the event was recorded by then.",
            style="good",
        )
    elif proof.stamp is not None:
        console().print("The proof also holds a time stamp; check it with --tsa-roots FILE.")


def show_consistency(old: int, new: int, *, as_json: bool) -> None:
    """Show that the log only grew between two seals; raises ProofFails when it did not."""
    proof = run(_consistency(old, new))
    if as_json:
        print_json(
            {
                "consistent": True,
                "old": summary_of(proof.old),
                "new": summary_of(proof.new),
                "hashes": [one.hex() for one in proof.hashes],
            }
        )
        return
    console().print(
        f"Seal {new} (position {proof.new.statement.position}) continues the whole log of seal {old} "
        f"(position {proof.old.statement.position}).",
        style="good",
    )


async def _consistency(old: int, new: int) -> ConsistencyProof:
    async with ledger() as container:
        return await container.prove_consistency()(old=old, new=new)
