import asyncio
import shutil
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.fixtures.authority import OPENSSL, Lie, LocalAuthority
from tests.integration.audit.ledger import Ledger

from adapters.seals.anchor_file import AnchorFile
from adapters.seals.anchors import Anchors
from adapters.seals.authorities import Authorities
from adapters.seals.authority import TimeStampingAuthority
from adapters.seals.keys import KeyRing
from adapters.seals.leaf import leaf_of
from adapters.seals.stamp_anchor import StampAnchor
from adapters.system.clock import SystemClock
from application.audit.proving.finding import Finding, FindingKind, Verification
from application.audit.proving.proofs import InclusionProof, ProofFails
from application.audit.proving.prove_fact import ProveFact
from application.audit.proving.prove_facts import ProveFacts
from application.audit.proving.seal_log import EVERY, NotAnchored, SealLog
from application.audit.proving.seals import Seal
from application.audit.proving.verify_log import VerifyLog
from application.shared.ports import Place
from entrypoints.worker.sealing import KeepSealed


@dataclass
class Stamped:
    """A ledger whose seals are stamped as well as written to a file."""

    ledger: Ledger
    authority: LocalAuthority
    trusted: Authorities
    folder: Path
    lines: Path

    @property
    def anchor(self) -> Anchors:
        asked = TimeStampingAuthority.at(self.authority.url, self.trusted)
        stamps = StampAnchor(self.folder, self.trusted, asked)
        return Anchors((AnchorFile(self.lines), stamps))

    @property
    def sealer(self) -> SealLog:
        ledger = self.ledger
        return SealLog(ledger.database.begin, ledger.clock, ledger.keys[0], self.anchor)

    async def seal(self) -> Seal:
        await self.ledger.write(1, 2)
        made = await self.sealer()
        assert made is not None
        return made

    async def verify(self) -> Verification:
        return await VerifyLog(self.ledger.database.begin, self.ledger.keys[1], self.anchor)()

    async def found(self) -> Finding:
        [finding] = (await self.verify()).findings
        return finding

    async def prove(self, place: int, seal: int | None = None) -> InclusionProof:
        prove = ProveFact(self.ledger.database.begin, self.ledger.keys[1], leaf_of, self.anchor)
        return await prove(place=Place(place), seal=seal)


@pytest.fixture
def stamped(ledger: Ledger, authority: LocalAuthority, tmp_path: Path) -> Stamped:
    trusted = Authorities.read(authority.roots)
    return Stamped(ledger, authority, trusted, tmp_path / "stamps", tmp_path / "lines")


async def test_every_seal_is_stamped_and_verified_with_its_time(stamped: Stamped) -> None:
    for _ in range(3):
        await stamped.seal()
    report = await stamped.verify()
    assert report.untouched
    said = report.anchored
    assert (said.last, said.stamps, said.stamped) == (3, 3, 3)
    assert said.stamped_at is not None
    assert abs(said.stamped_at - SystemClock().now()) < timedelta(minutes=1)


async def test_what_is_kept_is_what_openssl_verifies(stamped: Stamped) -> None:
    seal = await stamped.seal()
    await _openssl_verifies(stamped, 1, seal)
    await stamped.seal()
    with pytest.raises(AssertionError, match="message imprint mismatch"):
        await _openssl_verifies(stamped, 2, seal)


async def test_a_seal_exchanged_after_stamping_is_named(stamped: Stamped) -> None:
    await stamped.seal()
    stamped.lines.unlink()
    later = stamped.ledger
    later.tamper("DELETE FROM seals")
    later.clock.advance(timedelta(seconds=1))
    again = await SealLog(later.database.begin, later.clock, later.keys[0], AnchorFile(stamped.lines))()
    assert again is not None
    finding = await stamped.found()
    assert (finding.kind, finding.place) == (FindingKind.SEAL_ALTERED, again.statement.position)
    assert finding.sentence.startswith("Seal 1 was exchanged: another one was stamped at ")


async def test_a_stamped_seal_that_is_gone_is_named(stamped: Stamped) -> None:
    for _ in range(2):
        await stamped.seal()
    stamped.lines.unlink()
    stamped.ledger.tamper("DELETE FROM seals WHERE number = 2")
    assert (await stamped.found()).sentence.startswith("Seal 2 is missing: it was anchored")


async def test_a_stamp_for_another_digest_is_named(stamped: Stamped) -> None:
    for _ in range(2):
        await stamped.seal()
    shutil.copy(stamped.folder / "1.tsr", stamped.folder / "2.tsr")
    finding = await stamped.found()
    assert finding.kind is FindingKind.SEAL_ALTERED
    assert finding.sentence.startswith("Seal 2 was exchanged")


async def test_a_stamp_by_another_authority_is_named(stamped: Stamped, tmp_path: Path) -> None:
    await stamped.seal()
    other = LocalAuthority.made_in(tmp_path / "other")
    forged = replace(stamped, trusted=Authorities.read(other.roots))
    finding = await forged.found()
    assert finding.kind is FindingKind.STAMP_FALSE
    assert finding.sentence == (
        "The time stamp of seal 1 does not hold: it is not signed by an authority whose root is trusted."
    )


async def test_a_stamp_that_is_none_is_named(stamped: Stamped) -> None:
    await stamped.seal()
    (stamped.folder / "1.tsr").write_bytes(b"\x30\x03\x02\x01\x00")
    assert (await stamped.found()).kind is FindingKind.STAMP_FALSE


async def test_an_outage_stops_no_seal_and_the_next_stamp_covers_it(stamped: Stamped) -> None:
    await stamped.seal()
    stamped.authority.lie = Lie.STATUS
    with pytest.raises(NotAnchored, match="HTTP status 500") as failure:
        await stamped.seal()
    assert failure.value.seal is not None
    report = await stamped.verify()
    assert (report.untouched, report.seals, report.anchored.stamped) == (True, 2, 1)
    assert [one.number for one in await AnchorFile(stamped.lines).kept()] == [1, 2]
    stamped.authority.lie = None
    await stamped.seal()
    assert sorted(path.name for path in stamped.folder.iterdir()) == ["1.tsr", "3.tsr"]
    assert (await stamped.verify()).untouched


async def test_a_worker_goes_on_when_the_authority_is_away(stamped: Stamped) -> None:
    keep = KeepSealed(KeyRing(*stamped.ledger.keys), lambda: stamped.sealer)
    stamped.authority.lie = Lie.GARBAGE
    await stamped.ledger.write(1)
    made = await keep()
    assert made is not None
    stamped.ledger.clock.advance(EVERY)
    assert await keep() is None  # nothing is new, and the stamp is asked for again
    assert stamped.authority.asked == 2
    stamped.authority.lie = None
    assert await keep() is None
    assert (await stamped.verify()).anchored.stamped == 1


async def test_two_workers_leave_one_stamp_of_each_seal(stamped: Stamped) -> None:
    await stamped.ledger.write(1)
    await asyncio.gather(stamped.sealer(), stamped.sealer())
    assert [path.name for path in stamped.folder.iterdir()] == ["1.tsr"]


async def test_a_proof_holds_the_stamp_of_its_seal(stamped: Stamped, tmp_path: Path) -> None:
    await stamped.seal()
    proof = await stamped.prove(2)
    stamp = proof.check_stamp(stamped.trusted)
    assert stamp.digest == proof.seal.digest()
    other = Authorities.read(LocalAuthority.made_in(tmp_path / "other").roots)
    with pytest.raises(ProofFails, match="not signed by an authority whose root is trusted"):
        proof.check_stamp(other)
    with pytest.raises(ProofFails, match="holds no time stamp"):
        replace(proof, stamp=None).check_stamp(stamped.trusted)
    await stamped.seal()
    with pytest.raises(ProofFails, match="of something else than seal 1"):
        replace(proof, stamp=(await stamped.prove(4)).stamp).check_stamp(stamped.trusted)


async def test_a_proof_is_under_the_first_seal_that_was_stamped(stamped: Stamped) -> None:
    stamped.authority.lie = Lie.EMPTY
    for _ in range(2):
        with pytest.raises(NotAnchored):
            await stamped.seal()
    assert ((await stamped.prove(1)).stamp, (await stamped.prove(1)).seal.statement.number) == (None, 1)
    stamped.authority.lie = None
    await stamped.seal()
    proof = await stamped.prove(1)
    assert proof.seal.statement.number == 3
    proof.check_stamp(stamped.trusted)
    assert (await stamped.prove(1, seal=1)).stamp is None


async def test_proofs_for_users_hold_the_stamp_as_well(stamped: Stamped) -> None:
    await stamped.seal()
    begin, keys = stamped.ledger.database.begin, stamped.ledger.keys[1]
    prove = ProveFacts(begin, keys, leaf_of, anchor=stamped.anchor)
    for proof in await prove(places=[Place(1), Place(3)]):
        assert proof.check_stamp(stamped.trusted).digest == proof.seal.digest()


async def _openssl_verifies(stamped: Stamped, number: int, seal: Seal) -> None:
    assert OPENSSL
    process = await asyncio.create_subprocess_exec(
        *(OPENSSL, "ts", "-verify", "-digest", seal.digest().hex()),
        *("-in", stamped.folder / f"{number}.tsr", "-CAfile", stamped.authority.roots),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
