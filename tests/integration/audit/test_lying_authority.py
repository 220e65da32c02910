import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fixtures.authority import Lie, LocalAuthority
from tests.integration.audit.ledger import ring
from tests.integration.audit.seals import chain_of

from adapters.seals.authorities import Authorities
from adapters.seals.authority import TimeStampingAuthority
from adapters.seals.der import with_certificates_in_order
from application.audit.proving.seals import StampFails
from domain.shared.errors import Invalid, Unavailable

[SEAL] = chain_of(1, ring()[0])
SAID = {
    Lie.STATUS: "answers with the HTTP status 500",
    Lie.REDIRECT: "answers with the HTTP status 307",
    Lie.EMPTY: "does not hold: it is no RFC 3161 response",
    Lie.GARBAGE: "does not hold: it is no RFC 3161 response",
    Lie.HUGE: "answers with more than 65536 bytes",
    Lie.SLOW: "did not answer within 0.3 seconds",
    Lie.REFUSED: "it was not granted (rejection: ",
    Lie.ANOTHER_DIGEST: "stamped another digest",
    Lie.ANOTHER_NONCE: "the nonce is not ours",
}


def asking(authority: LocalAuthority) -> TimeStampingAuthority:
    return TimeStampingAuthority.at(authority.url, Authorities.read(authority.roots))


async def test_an_honest_authority_says_when_it_saw_the_digest(authority: LocalAuthority) -> None:
    response, stamp = await asking(authority).stamp(SEAL)
    assert stamp.digest == SEAL.digest()
    assert Authorities.read(authority.roots).check(response) == stamp


@pytest.mark.parametrize("lie", Lie)
async def test_a_lying_authority_is_told_apart_in_a_sentence(authority: LocalAuthority, lie: Lie) -> None:
    authority.lie = lie
    impatient = replace(asking(authority), patience=0.3 if lie is Lie.SLOW else 10)
    with pytest.raises(Unavailable, match=re.escape(SAID[lie])) as refusal:
        await impatient.stamp(SEAL)
    assert str(refusal.value).startswith("The time-stamping authority at 127.0.0.1 ")


async def test_an_authority_of_another_root_is_not_believed(
    authority: LocalAuthority, tmp_path: Path
) -> None:
    other = LocalAuthority.made_in(tmp_path / "other")  # its certificates have the same names
    impostor = TimeStampingAuthority.at(authority.url, Authorities.read(other.roots))
    with pytest.raises(Unavailable, match="not signed by an authority whose root is trusted"):
        await impostor.stamp(SEAL)


async def test_of_two_roots_with_one_name_both_are_tried(authority: LocalAuthority, tmp_path: Path) -> None:
    other = LocalAuthority.made_in(tmp_path / "other")
    both = tmp_path / "both.pem"
    both.write_bytes(other.roots.read_bytes() + authority.roots.read_bytes())
    await TimeStampingAuthority.at(authority.url, Authorities.read(both)).stamp(SEAL)


async def test_an_address_is_never_shown(tmp_path: Path, authority: LocalAuthority) -> None:
    trusted = Authorities.read(authority.roots)
    for url in ("ftp://user:hunter2@host/", "hunter2", "http://", "http://[hunter2"):
        with pytest.raises(Invalid, match="no http:// or https:// URL") as refusal:
            TimeStampingAuthority.at(url, trusted)
        assert "hunter2" not in str(refusal.value)
    secret = TimeStampingAuthority.at("http://user:hunter2@127.0.0.1:1/hunter2", trusted)
    with pytest.raises(Unavailable) as outage:
        await secret.stamp(SEAL)
    assert "hunter2" not in str(outage.value) + repr(secret)


def test_roots_have_to_be_roots(authority: LocalAuthority, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("nothing")
    for path, words in (
        (nothing, "holds no certificates"),
        (tmp_path / "missing.pem", "cannot be read: No such file"),
        (authority.folder / "between.pem", "holds no root"),
    ):
        with pytest.raises(Invalid, match=words):
            Authorities.read(path)


async def test_no_altered_stamp_says_anything_else(authority: LocalAuthority) -> None:
    trusted = Authorities.read(authority.roots)
    response, stamp = await asking(authority).stamp(SEAL)

    @given(place=st.integers(0, len(response) - 1), change=st.integers(1, 255))
    def altered(place: int, change: int) -> None:
        forged = bytearray(response)
        forged[place] ^= change
        with suppress(StampFails):
            assert trusted.check(bytes(forged)) == stamp  # a certificate that is not needed was altered

    @given(st.binary(max_size=60))
    def anything(text: bytes) -> None:
        with pytest.raises(StampFails):
            trusted.check(response[: len(text) * 3] + text)

    altered()
    anything()


async def test_putting_certificates_in_order_changes_nothing_else(authority: LocalAuthority) -> None:
    response, _ = await asking(authority).stamp(SEAL)
    ordered = with_certificates_in_order(response)
    assert ordered != response  # OpenSSL sends the signer's first
    assert (sorted(ordered), with_certificates_in_order(ordered)) == (sorted(response), ordered)
