"""What every place outside the database promises that keeps seals."""

import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.fixtures.authority import LocalAuthority
from tests.integration.audit.ledger import ring
from tests.integration.audit.seals import chain_of

from adapters.seals.anchor_file import AnchorFile
from adapters.seals.anchors import Anchors
from adapters.seals.authorities import Authorities
from adapters.seals.authority import TimeStampingAuthority
from adapters.seals.no_anchor import NoAnchor
from adapters.seals.stamp_anchor import StampAnchor
from application.audit.proving.seals import Anchor, Seal
from domain.shared.errors import Unavailable

FORGETFUL = {"none"}
STAMPING = {"stamps", "both"}


@pytest.fixture(params=["none", "file", "stamps", "both"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "outside"


@pytest.fixture
def anchor(kind: str, place: Path, request: pytest.FixtureRequest) -> Anchor:
    def stamps() -> Anchor:
        authority: LocalAuthority = request.getfixturevalue("authority")
        trusted = Authorities.read(authority.roots)
        return StampAnchor(place / "stamps", trusted, TimeStampingAuthority.at(authority.url, trusted))

    def file() -> Anchor:
        return AnchorFile(place / "seals.jsonl")

    match kind:
        case "none":
            return NoAnchor()
        case "file":
            return file()
        case "stamps":
            return stamps()
        case _:
            return Anchors((file(), stamps()))


@pytest.fixture
def seals() -> Sequence[Seal]:
    return chain_of(3, ring()[0])


async def test_at_first_nothing_is_there(anchor: Anchor) -> None:
    assert (await anchor.last(), list(await anchor.kept())) == (0, [])
    assert await anchor.stamp(1) is None


async def test_keeping_nothing_is_no_trouble(anchor: Anchor) -> None:
    await anchor.keep([])
    assert await anchor.last() == 0


async def test_the_newest_seal_is_there_with_its_digest(
    anchor: Anchor, seals: Sequence[Seal], kind: str
) -> None:
    await anchor.keep(seals)
    kept = await anchor.kept()
    if kind in FORGETFUL:
        assert (await anchor.last(), list(kept)) == (0, [])
        return
    assert await anchor.last() == 3
    assert {one.number: one.digest for one in kept}[3] == seals[2].digest()
    assert all(one.digest == seals[one.number - 1].digest() and one.fault is None for one in kept)
    assert any(one.at is not None for one in kept) == (kind in STAMPING)


async def test_what_is_there_stays_as_it_is(
    anchor: Anchor, seals: Sequence[Seal], kind: str, place: Path
) -> None:
    for upto in (1, 2, 2, 3, 3, 1):
        await anchor.keep(seals[:upto])
    before = files(place)
    await anchor.keep(chain_of(3, ring()[0]))
    assert files(place) == before
    if kind not in FORGETFUL:
        assert {one.number for one in await anchor.kept()} == {1, 2, 3}
    assert [stamp is not None for stamp in [await anchor.stamp(n) for n in (1, 2, 3, 4)]] == [
        kind in STAMPING
    ] * 3 + [False]


async def test_a_place_that_cannot_be_used_gets_a_sentence(
    anchor: Anchor, seals: Sequence[Seal], kind: str, place: Path
) -> None:
    spoil(place)
    if kind in FORGETFUL:
        await anchor.keep(seals)
        return
    with pytest.raises(Unavailable, match="cannot be"):
        await anchor.keep(seals)


async def test_of_two_places_one_keeps_what_the_other_could_not(
    authority: LocalAuthority, place: Path, seals: Sequence[Seal]
) -> None:
    trusted = Authorities.read(authority.roots)
    file, stamps = (
        AnchorFile(place / "seals.jsonl"),
        StampAnchor(place, trusted, TimeStampingAuthority.at("http://127.0.0.1:1/", trusted)),
    )
    both = Anchors((stamps, file))
    with pytest.raises(Unavailable, match=r"authority at 127\.0\.0\.1 cannot be asked"):
        await both.keep(seals[:2])
    assert (await file.last(), await stamps.last(), await both.last()) == (2, 0, 0)
    working = replace(stamps, authority=TimeStampingAuthority.at(authority.url, trusted))
    await Anchors((working, file)).keep(seals)
    assert (await file.last(), await stamps.last()) == (3, 3)
    assert [one.number for one in await stamps.kept()] == [3]


async def test_a_stamp_can_be_read_by_whoever_audits(
    authority: LocalAuthority, place: Path, seals: Sequence[Seal]
) -> None:
    trusted = Authorities.read(authority.roots)
    await StampAnchor(place, trusted, TimeStampingAuthority.at(authority.url, trusted)).keep(seals)
    [(path, mode)] = modes(place).items()
    assert (path.name, mode) == ("3.tsr", 0o644)


def files(place: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}


def modes(place: Path) -> dict[Path, int]:
    return {path: stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()}


def spoil(place: Path) -> None:
    place.write_text("This is no folder.")
