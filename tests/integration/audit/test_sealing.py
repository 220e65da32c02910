import asyncio
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from tests.integration.audit.ledger import Ledger

from adapters.seals.anchor_file import AnchorFile
from adapters.seals.key_file import ensure_key_file
from adapters.seals.keys import KeyRing, new_key
from application.audit.proving.seal_log import EVERY, SealLog
from domain.shared.errors import Invalid, Unavailable
from entrypoints.worker.sealing import KeepSealed


def sealer(ledger: Ledger) -> SealLog:
    return SealLog(ledger.database.begin, ledger.clock, ledger.keys[0], ledger.anchor)


async def test_a_worker_seals_every_five_minutes_while_the_log_grows(ledger: Ledger) -> None:
    keep = KeepSealed(KeyRing(*ledger.keys), lambda: sealer(ledger))
    assert await keep() is None
    await ledger.write(1, 3)
    first = await keep()
    await ledger.write(1)
    assert await keep() is None
    ledger.clock.advance(EVERY + timedelta(seconds=1))
    second = await keep()
    ledger.clock.advance(EVERY + timedelta(seconds=1))
    assert await keep() is None
    assert [(one.statement.number, one.statement.position) for one in (first, second) if one] == [
        (1, 4),
        (2, 5),
    ]
    assert (await ledger.verify()).untouched


async def test_a_worker_without_a_key_seals_nothing(ledger: Ledger) -> None:
    await ledger.write(1)
    assert await KeepSealed(KeyRing(None, ledger.keys[1]), lambda: sealer(ledger))() is None


async def test_of_two_workers_at_once_one_seals(ledger: Ledger) -> None:
    await ledger.write(1, 2, 3)
    made = await asyncio.gather(sealer(ledger)(), sealer(ledger)())
    assert sum(one is not None for one in made) == 1
    assert (await ledger.verify()).seals == 1
    assert [one.number for one in await ledger.anchor.kept()] == [1]


async def test_a_seal_that_could_not_be_anchored_is_anchored_with_the_next(
    ledger: Ledger, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    ledger.anchor = AnchorFile(tmp_path / "file" / "below")
    await ledger.write(1)
    with pytest.raises(Unavailable, match="cannot be"):
        await ledger.seal()
    ledger.anchor = AnchorFile(tmp_path / "seals.jsonl")
    await ledger.write(1)
    await ledger.seal()
    assert [one.number for one in await ledger.anchor.kept()] == [1, 2]


async def test_a_line_that_a_crash_cut_short_is_written_again(ledger: Ledger) -> None:
    await ledger.write(1)
    await ledger.seal()
    whole = ledger.anchor.path.read_bytes()
    ledger.anchor.path.write_bytes(whole[:-9])
    assert await ledger.anchor.kept() == []
    await sealer(ledger)()
    assert ledger.anchor.path.read_bytes() == whole


async def test_another_file_is_no_anchor(ledger: Ledger) -> None:
    ledger.anchor.path.write_text("Dear diary\n")
    with pytest.raises(Invalid, match="Line 1 of"):
        await ledger.verify()


def test_a_new_key_is_for_nobody_but_its_owner_and_the_same_for_all_who_come_first(tmp_path: Path) -> None:
    path = tmp_path / "made" / "seal.pem"
    with ThreadPoolExecutor(4) as threads:
        rings = list(threads.map(lambda _: ensure_key_file(path), range(8)))
    assert len({ring.trusted.ids for ring in rings}) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["seal.pem"]


def test_a_key_is_never_shown() -> None:
    text = new_key()
    shown = repr(KeyRing.read(text))
    assert "PRIVATE" not in shown
    secret = text.decode().splitlines()[1]
    with pytest.raises(Invalid) as refusal:
        KeyRing.read(text.replace(secret.encode(), secret[:-4].encode()))
    assert secret[:20] not in str(refusal.value)


def test_a_key_of_another_kind_is_refused() -> None:
    other = generate_private_key(SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for text in (other, b"", b"-----BEGIN PRIVATE KEY-----\n\n-----END PRIVATE KEY-----"):
        with pytest.raises(Invalid, match="Ed25519"):
            KeyRing.read(text)
