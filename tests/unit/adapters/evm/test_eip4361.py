import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.evm.eip55 import checksummed
from adapters.evm.eip4361 import LONGEST, SignInMessage, moment, parse
from adapters.evm.sign_in import SiweVerifier
from domain.shared.chain import ChainId, address
from domain.shared.errors import Denied, Invalid, PlimsollError

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
KEY = Account.from_key("0x" + "11" * 32)
OTHER_KEY = Account.from_key("0x" + "22" * 32)
VERIFIER = SiweVerifier(
    domain="plimsoll.example", uris=("https://plimsoll.example",), chain_ids=(ChainId(1), ChainId(31337))
)
MESSAGE = SignInMessage(
    domain="plimsoll.example",
    address=KEY.address,
    statement="Sign in to Plimsoll.",
    uri="https://plimsoll.example/v1",
    chain_id="1",
    nonce="a1B2c3D4e5",
    issued_at="2026-05-04T12:00:00Z",
)
FROM_THE_STANDARD = """example.com:3388 wants you to sign in with your Ethereum account:
0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2

I accept the ExampleOrg Terms of Service: https://example.com/tos

URI: https://example.com/login
Version: 1
Chain ID: 1
Nonce: 32891756
Issued At: 2021-09-30T16:25:24Z
Resources:
- ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/
- https://example.com/my-web2-claim.json"""

letters = string.ascii_letters + string.digits
names = st.text(letters + "-._~!$&'()*+,;=", min_size=1, max_size=12)
uris = st.builds(
    "{}://{}/{}{}".format,
    st.sampled_from(["https", "ipfs", "did+x.y-z"]),
    names,
    st.text(letters + "/:@", max_size=12),
    st.sampled_from(["", "?a=b/c?d", "#f", "?#", "%20"]),
)
times = st.builds(
    lambda at, tail: at.strftime("%Y-%m-%dT%H:%M:%S") + tail,
    st.integers(0, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.sampled_from(["Z", "z", ".5Z", ".123456789+05:30", "-00:00", "+23:59"]),
)
messages = st.builds(
    SignInMessage,
    domain=st.one_of(
        names, st.sampled_from(["[::1]:80", "u:p@host:1", "localhost:8080", "[v1.a:b]", "a%2Db"])
    ),
    address=st.binary(min_size=20, max_size=20).map(lambda raw: checksummed(address("0x" + raw.hex()))),
    statement=st.none() | st.text(letters + "-._~:/?#[]@!$&'()*+,;= ", max_size=60),
    uri=uris,
    chain_id=st.integers(0, 10**19).map(str),
    nonce=st.text(letters, min_size=8, max_size=40),
    issued_at=times,
    scheme=st.none() | st.sampled_from(["https", "http", "x-y.z+1"]),
    expiration_time=st.none() | times,
    not_before=st.none() | times,
    request_id=st.none() | st.text(letters + ":@!$", max_size=20),
    resources=st.none() | st.lists(uris, max_size=3).map(tuple),
)


def signed(message: SignInMessage, key: LocalAccount = KEY) -> tuple[str, str]:
    text = str(message)
    return text, "0x" + key.sign_message(encode_defunct(text=text)).signature.hex()


@given(messages)
def test_what_is_written_is_read_back_the_same(message: SignInMessage) -> None:
    assert parse(str(message)) == message


def test_the_example_of_the_standard_is_understood() -> None:
    message = parse(FROM_THE_STANDARD)
    assert message.domain == "example.com:3388"
    assert message.statement == "I accept the ExampleOrg Terms of Service: https://example.com/tos"
    assert message.resources is not None
    assert len(message.resources) == 2
    assert str(message) == FROM_THE_STANDARD


def test_a_signed_message_is_accepted_and_says_what_it_says() -> None:
    said = VERIFIER.verify(*signed(MESSAGE), at=NOW)
    assert said.wallet == KEY.address.lower()
    assert (said.chain_id, said.nonce, said.statement) == (1, "a1B2c3D4e5", "Sign in to Plimsoll.")


@pytest.mark.parametrize("strange", ["x", " ", "\n", "0", "é"])
def test_no_character_of_a_signed_message_can_be_changed(strange: str) -> None:
    text, signature = signed(MESSAGE)
    for place in range(len(text)):
        if text[place] == strange:
            continue
        for changed in (
            text[:place] + strange + text[place + 1 :],
            text[:place] + text[place + 1 :],
            text[:place] + strange + text[place:],
        ):
            if changed != text:
                refused(changed, signature)


@settings(max_examples=60)
@given(st.integers(0, 64), st.integers(1, 255))
def test_no_byte_of_a_signature_can_be_changed(place: int, flip: int) -> None:
    text, signature = signed(MESSAGE)
    raw = bytearray.fromhex(signature[2:])
    raw[place] ^= flip
    if place == 64 and raw[64] in {0, 1} and raw[64] + 27 == raw[64] ^ flip:
        return  # the same parity in its other notation
    refused(text, "0x" + raw.hex())


@given(st.text(max_size=300))
def test_no_text_breaks_the_parser(text: str) -> None:
    with pytest.raises(Invalid):
        parse(text)


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (replace(MESSAGE, domain="plimsoll.example.evil"), "signs in to plimsoll.example.evil"),
        (replace(MESSAGE, domain="evil@plimsoll.example"), "signs in to evil@"),
        (replace(MESSAGE, uri="https://evil.example/v1"), "another URI"),
        (replace(MESSAGE, uri="https://plimsoll.example.evil/"), "another URI"),
        (replace(MESSAGE, scheme="http"), "scheme http"),
        (replace(MESSAGE, chain_id="5"), "names chain 5"),
        (replace(MESSAGE, issued_at="2026-05-04T12:05:00Z"), "in the future"),
        (replace(MESSAGE, issued_at="2026-05-04T10:00:00Z"), "too long ago"),
        (replace(MESSAGE, expiration_time="2026-05-04T14:00:00+02:00"), "has expired"),
        (replace(MESSAGE, not_before="2026-05-04T12:00:01Z"), "not valid yet"),
    ],
)
def test_a_message_for_another_place_or_time_is_denied(message: SignInMessage, sentence: str) -> None:
    with pytest.raises(Denied, match=sentence):
        VERIFIER.verify(*signed(message), at=NOW)


def test_a_message_signed_by_another_wallet_is_denied() -> None:
    with pytest.raises(Denied, match="not signed by the wallet"):
        VERIFIER.verify(*signed(MESSAGE, OTHER_KEY), at=NOW)


def test_a_wrong_checksum_is_told() -> None:
    first = next(letter for letter in KEY.address[2:] if letter.isalpha())
    wrong = KEY.address[:2] + KEY.address[2:].replace(first, first.swapcase(), 1)
    with pytest.raises(Invalid, match="checksum"):
        VERIFIER.verify(*signed(replace(MESSAGE, address=wrong)), at=NOW)


def test_an_address_without_checksum_is_accepted() -> None:
    said = VERIFIER.verify(*signed(replace(MESSAGE, address=KEY.address.lower())), at=NOW)
    assert said.wallet == KEY.address.lower()


@pytest.mark.parametrize("signature", ["", "0x", "zz", "0x" + "00" * 65, "0x" + "ff" * 65, "0x" + "11" * 640])
def test_what_is_no_signature_is_refused(signature: str) -> None:
    refused(str(MESSAGE), signature)


@pytest.mark.parametrize(
    "text",
    [
        FROM_THE_STANDARD + "\n",
        "\n" + FROM_THE_STANDARD,
        FROM_THE_STANDARD.replace("\n", "\r\n"),
        FROM_THE_STANDARD.replace("Version: 1", "Version: 2"),
        FROM_THE_STANDARD.replace("Nonce: 32891756", "Nonce: 3289175"),
        FROM_THE_STANDARD.replace("2021-09-30", "2021-02-30"),
        FROM_THE_STANDARD.replace("24Z", "24"),
        FROM_THE_STANDARD.replace("0xC02", "0XC02"),
        FROM_THE_STANDARD.replace("- https://", "- no uri "),
        FROM_THE_STANDARD.replace("Terms", "T\u0435rms"),
        FROM_THE_STANDARD.replace("Chain ID: 1\nNonce: 32891756", "Nonce: 32891756\nChain ID: 1"),
        FROM_THE_STANDARD + "\n- a:b" * LONGEST,
    ],
)
def test_what_the_grammar_does_not_have_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-04T12:00:00Z", NOW),
        ("2026-05-04t14:30:00+02:30", NOW),
        ("2026-05-04T12:00:00.1234567891z", NOW + timedelta(microseconds=123456)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
    ],
)
def test_times_are_read_as_the_standard_writes_them(text: str, expected: datetime) -> None:
    assert moment(text) == expected


@pytest.mark.parametrize(
    "text", ["9999-12-31T23:59:60Z", "2026-05-04T24:00:00Z", "2026-05-04T12:00:00+24:00"]
)
def test_times_that_no_calendar_has_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        moment(text)


@pytest.mark.timeout(20)
def test_a_hostile_message_is_refused_without_backtracking_for_ever() -> None:
    start = str(MESSAGE).partition("URI: ")[0]
    for hostile in (
        "a:" * 2000,
        "a@" * 2000,
        start + "URI: a://" + "a:" * 1800,
        start + "URI: a:/" + "/a" * 1800,
    ):
        with pytest.raises(Invalid):
            parse(hostile)


def refused(text: str, signature: str) -> None:
    with pytest.raises(PlimsollError) as caught:
        VERIFIER.verify(text, signature, at=NOW)
    assert isinstance(caught.value, Invalid | Denied)
