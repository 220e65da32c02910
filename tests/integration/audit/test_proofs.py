from dataclasses import replace

import pytest
from tests.integration.audit.ledger import Ledger, ring

from adapters.seals.leaf import leaf_of
from application.audit.proving.proofs import InclusionProof, ProofFails
from application.audit.proving.seals import NotSealed, Seal, SealNotFound
from application.shared.ports import Place
from domain.shared.errors import Invalid, NotFound


@pytest.fixture
async def sealed(ledger: Ledger) -> Ledger:
    """Two seals, over positions 1 to 6 and 1 to 15."""
    await ledger.write(1, 3, 2)
    await ledger.seal()
    await ledger.write(1, 7, 1)
    await ledger.seal()
    return ledger


async def test_every_fact_can_be_proven_under_the_first_seal_after_it(sealed: Ledger) -> None:
    for place in range(1, 16):
        proof = await sealed.prove(place)
        assert (proof.fact.place, proof.seal.statement.number) == (place, 1 if place <= 6 else 2)
        proof.check(sealed.keys[1], leaf_of)
        (await sealed.prove(place, seal=2)).check(sealed.keys[1], leaf_of)


async def test_what_is_not_there_or_not_sealed_cannot_be_proven(sealed: Ledger) -> None:
    await sealed.write(1)
    with pytest.raises(NotSealed):
        await sealed.prove(16)
    with pytest.raises(NotSealed):
        await sealed.prove(9, seal=1)
    with pytest.raises(NotFound):
        await sealed.prove(17)
    with pytest.raises(SealNotFound):
        await sealed.prove(1, seal=3)


async def test_a_forged_proof_is_refused(sealed: Ledger) -> None:
    proof = await sealed.prove(9)
    said = proof.seal.statement
    cut, altered = "was cut, or made for another size or place", "it, its place or its proof was altered"
    sealed_otherwise = "The signature of seal 2 does not hold: the seal was altered"
    forgeries: dict[str, tuple[InclusionProof, str]] = {
        "reordered in the commit": (replace(proof, in_commit=proof.in_commit[::-1]), altered),
        "reordered in the tree": (replace(proof, in_tree=proof.in_tree[::-1]), altered),
        "truncated": (replace(proof, in_commit=proof.in_commit[:-1]), cut),
        "truncated in the tree": (replace(proof, in_tree=proof.in_tree[:-1]), altered),
        "lengthened": (replace(proof, in_tree=(*proof.in_tree, bytes(32))), altered),
        "wrong size": (replace(proof, commit_count=proof.commit_count + 1), altered),
        "smaller": (replace(proof, commit_count=1), cut),
        "wrong number": (replace(proof, commit_number=proof.commit_number - 1), altered),
        "no number": (replace(proof, commit_number=0), altered),
        "wrong begin": (replace(proof, commit_first=Place(proof.commit_first - 1)), altered),
        "another place": (replace(proof, fact=replace(proof.fact, place=Place(10))), altered),
        "another payload": (replace(proof, fact=replace(proof.fact, payload=b"{}")), altered),
        "another user": (replace(proof, fact=replace(proof.fact, user_id=None)), altered),
        "another fingerprint": (replace(proof, fact=replace(proof.fact, fingerprint=bytes(32))), altered),
        "forked": (
            replace(proof, seal=Seal(replace(said, tree_root=bytes(32)), proof.seal.signature)),
            sealed_otherwise,
        ),
        "a larger tree": (
            replace(
                proof, seal=Seal(replace(said, commit_count=said.commit_count + 1), proof.seal.signature)
            ),
            sealed_otherwise,
        ),
        "another seal": (replace(proof, seal=(await sealed.prove(1)).seal), altered),
        "another signature": (replace(proof, seal=Seal(said, bytes(64))), sealed_otherwise),
    }
    for name, (forged, words) in forgeries.items():
        with pytest.raises(ProofFails) as refusal:
            forged.check(sealed.keys[1], leaf_of)
        assert words in str(refusal.value), name
    proof.check(sealed.keys[1], leaf_of)


async def test_a_proof_by_another_key_is_refused(sealed: Ledger) -> None:
    proof = await sealed.prove(9)
    signer, others = ring()
    with pytest.raises(ProofFails, match="not among those trusted"):
        proof.check(others, leaf_of)
    forged = signer.sign(replace(proof.seal.statement, key_id=sealed.keys[0].key_id))
    with pytest.raises(ProofFails, match="does not hold"):
        replace(proof, seal=forged).check(sealed.keys[1], leaf_of)


async def test_seals_are_consistent_with_one_another(sealed: Ledger) -> None:
    for old, new in ((1, 1), (1, 2), (2, 2)):
        (await sealed.consistency(old, new)).check(sealed.keys[1])
    with pytest.raises(Invalid, match="older one first"):
        await sealed.consistency(2, 1)
    with pytest.raises(SealNotFound):
        await sealed.consistency(1, 7)


async def test_a_forked_log_has_no_proof_of_consistency(sealed: Ledger) -> None:
    proof = await sealed.consistency(1, 2)
    said = proof.new.statement
    fork = sealed.keys[0].sign(replace(said, tree_root=bytes(32)))
    for forged in (
        replace(proof, new=fork),
        replace(proof, hashes=proof.hashes[::-1]),
        replace(proof, hashes=proof.hashes[:-1]),
        replace(proof, old=proof.new, new=proof.old),
        replace(proof, new=Seal(replace(said, commit_count=said.commit_count + 1), proof.new.signature)),
    ):
        with pytest.raises(ProofFails):
            forged.check(sealed.keys[1])


async def test_nothing_is_proven_of_a_log_that_was_tampered_with(sealed: Ledger) -> None:
    sealed.tamper("UPDATE events SET user_id = NULL WHERE position = 9")
    for place in (9, 10):
        with pytest.raises(ProofFails):
            await sealed.prove(place)
    await sealed.prove(1)
    sealed.tamper("UPDATE commits SET root = chain WHERE number = 2")
    with pytest.raises(ProofFails):
        await sealed.consistency(1, 2)


async def test_facts_with_and_without_a_cause_have_the_leaf_that_was_written(sealed: Ledger) -> None:
    async with sealed.database.begin(None) as work:
        facts = [await work.stored_log.fact(Place(place)) for place in range(1, 16)]
        [run] = [run async for run in work.stored_log.leaves(after=Place(0), until=Place(15))]
    assert [leaf_of(fact) for fact in facts if fact is not None] == run.leaves
