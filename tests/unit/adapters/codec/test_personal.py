from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, NewType, get_args, get_type_hints

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.event_log.examples import AT, EXAMPLES, USER

from adapters.codec.errors import UnreadableFact
from adapters.codec.events import CODEC, decode, encode
from adapters.codec.personal import (
    HIDDEN,
    PERSONAL,
    Keyless,
    SubjectForgotten,
    SubjectKeyMissing,
    open_personal,
    seal_personal,
)
from adapters.codec.sealing import PREFIX, NotSealed, SubjectKey, context_of, looks_sealed
from domain.alerts.events import DeliverySucceeded
from domain.identity.events import EmailVerified, WalletLinked
from domain.shared.chain import Address
from domain.shared.forgotten import FORGOTTEN
from domain.shared.ids import DeliveryId, Id, id_of

KEY = SubjectKey.of(bytes(range(32)), since=10)
OTHER = SubjectKey.of(bytes(32), since=10)
NAME, MAILBOX = "email.verified.v1", "somebody@example.org"
VERIFIED = encode(EmailVerified(user_id=USER, email=MAILBOX, at=AT))[1]
# Made once by this version, and to be read by every later one.
GOLDEN = (
    b'{"user_id":"01890000-0000-7000-8000-000000000001","email":"sealed:v1:'
    b'IrHKxjSoouTsVQE09sohSbXcd68bHHlIw6S7oyWgBS4tJycyARl8rYiWKRc4Glso","at":"2026-02-03T04:05:06.789012Z"}'
)

NOT_PERSONAL = {
    "UserRegistered": {"wallet_address"},
    "OperatorLooked": {"what"},
    "WalletLinked": {"address"},
    "WalletUnlinked": {"address"},
    "PositionsObserved": {
        "block.hash",
        "market",
        "root",
        "unread.reason",
        "unread.wallet",
        "without_position",
    },
    "PositionLiquidated": {
        "liquidation.block_hash",
        "liquidation.collateral_asset",
        "liquidation.collateral_symbol",
        "liquidation.debt_asset",
        "liquidation.debt_symbol",
        "liquidation.liquidator",
        "liquidation.market",
        "liquidation.transaction_hash",
        "liquidation.wallet",
    },
    "SignalDetected": {"asset", "data", "source", "subject.market", "subject.wallet"},
    "SignalCleared": {"data", "source"},
    "AlertRaised": {"data", "message", "subject.market", "subject.wallet"},
    "AlertResolved": {"message"},
    "IntentProposed": {"terms.action.asset", "terms.condition.wallet"},
    "IntentTriggered": {"source"},
    "IntentSubmitted": {"transaction_hash"},
    "IntentUnconfirmed": {"reason"},
    "IntentSettled": {"block_hash"},
    "IntentFailed": {"reason"},
}
"""Texts that say nothing of who somebody is: addresses, hashes and figures of public chains, and sentences of ours."""


def texts_in(kind: Any, path: str = "") -> set[str]:
    """Return the paths of everything textual in a class, enumerations and ids apart."""
    if kind is Id:
        return set()
    if isinstance(kind, NewType):
        return texts_in(kind.__supertype__, path)
    if kind is str:
        return {path}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return set()
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        below = (texts_in(hints[one.name], f"{path}.{one.name}".lstrip(".")) for one in fields(kind))
        return set().union(*below)
    return set().union(*(texts_in(part, path) for part in get_args(kind)), set())


@pytest.mark.parametrize("kind", CODEC.names, ids=lambda kind: kind.__name__)
def test_every_text_of_every_fact_is_said_to_be_personal_or_not(kind: type) -> None:
    personal = {field for name in CODEC.names_of(kind) for field in PERSONAL.get(name, ())}
    public = NOT_PERSONAL.get(kind.__name__, set())
    assert personal | public == texts_in(kind)
    assert not personal & public


def test_personal_facts_are_known_and_belong_to_somebody() -> None:
    known = {name: kind for kind in CODEC.names for name in CODEC.names_of(kind)}
    assert set(PERSONAL) <= set(known)
    assert all("user_id" in {one.name for one in fields(known[name])} for name in PERSONAL)


@pytest.mark.parametrize(
    "fact",
    [one for one in EXAMPLES if CODEC.names[type(one)] in PERSONAL],
    ids=lambda one: type(one).__name__,
)
def test_sealed_facts_open_to_the_very_bytes_that_were_sealed(fact: object) -> None:
    name, payload = encode(fact)
    sealed = seal_personal(name, payload, user_id=USER, subject=KEY)
    assert sealed != payload
    assert seal_personal(name, payload, user_id=USER, subject=KEY) == sealed
    assert open_personal(name, sealed, user_id=USER, place=11, subject=KEY) == payload
    forgotten = decode(name, open_personal(name, sealed, user_id=USER, place=11, subject=Keyless.DESTROYED))
    assert type(forgotten) is type(fact)
    assert FORGOTTEN in str(forgotten)


@given(text=st.text(st.characters(exclude_categories=["Cs"])), place=st.text(max_size=5).map(str.encode))
def test_any_text_comes_back_in_its_place_and_in_no_other(text: str, place: bytes) -> None:
    sealed = KEY.seal(text, place)
    assert sealed.startswith(PREFIX)
    assert KEY.open(sealed, place) == text
    for key, context in ((OTHER, place), (KEY, place + b"x")):
        with pytest.raises(NotSealed):
            key.open(sealed, context)


@given(st.text(max_size=40), st.text(max_size=40))
def test_different_texts_never_share_a_nonce(one: str, other: str) -> None:
    assert (one == other) == (KEY.seal(one, b"")[:26] == KEY.seal(other, b"")[:26])


def test_what_was_sealed_once_is_read_for_ever() -> None:
    assert seal_personal(NAME, VERIFIED, user_id=USER, subject=KEY) == GOLDEN
    assert open_personal(NAME, GOLDEN, user_id=USER, place=11, subject=KEY) == VERIFIED


def test_each_value_of_a_receipt_is_sealed_for_itself() -> None:
    fact = DeliverySucceeded(
        delivery_id=DeliveryId(USER), user_id=USER, receipt={"message_id": "42", "reply": "250"}, at=AT
    )
    name, payload = encode(fact)
    receipt: Mapping[str, str] = orjson.loads(seal_personal(name, payload, user_id=USER, subject=KEY))[
        "receipt"
    ]
    assert list(receipt) == ["message_id", "reply"]
    assert all(map(looks_sealed, receipt.values()))
    swapped = {"message_id": receipt["reply"], "reply": receipt["message_id"]}
    with pytest.raises(UnreadableFact, match=r"receipt\.message_id is not what was sealed"):
        open_personal(name, orjson.dumps({"receipt": swapped}), user_id=USER, place=11, subject=KEY)


@pytest.mark.parametrize(
    ("subject", "words"),
    [(Keyless.DESTROYED, FORGOTTEN), (Keyless.NOT_YOURS, HIDDEN), (Keyless.NEVER_MADE, MAILBOX)],
)
def test_without_a_key_a_fact_of_before_reads_as_far_as_it_may(subject: Keyless, words: str) -> None:
    told = open_personal(NAME, VERIFIED, user_id=USER, place=3, subject=subject)
    assert decode(NAME, told) == EmailVerified(user_id=USER, email=words, at=AT)


def test_a_key_that_was_lost_is_not_taken_for_a_destroyed_one() -> None:
    with pytest.raises(SubjectKeyMissing, match="bring the table subject_keys back"):
        open_personal(NAME, GOLDEN, user_id=USER, place=11, subject=Keyless.NEVER_MADE)


@pytest.mark.parametrize("label", ["sealed:v1:", "sealed:v1:AAAA", "sealed:v1:" + "A" * 40, "sealed:v2:x"])
def test_a_label_that_looks_sealed_is_itself_wherever_it_was_written(label: str) -> None:
    fact = WalletLinked(user_id=USER, address=Address("0x" + "1a" * 20), label=label, at=AT)
    name, clear = encode(fact)
    assert open_personal(name, clear, user_id=USER, place=10, subject=KEY) == clear
    sealed = seal_personal(name, clear, user_id=USER, subject=KEY)
    assert open_personal(name, sealed, user_id=USER, place=11, subject=KEY) == clear


def test_a_seal_that_was_altered_or_belongs_to_somebody_else_is_refused() -> None:
    for forged, owner, key in (
        (GOLDEN.replace(b"sealed:v1:", b"sealed:v1:A"), USER, KEY),
        (GOLDEN, id_of(1), KEY),
        (GOLDEN, USER, OTHER),
    ):
        with pytest.raises(UnreadableFact) as refused:
            open_personal(NAME, forged, user_id=owner, place=11, subject=key)
        assert MAILBOX not in str(refused.value)


def test_of_somebody_forgotten_only_that_is_written() -> None:
    with pytest.raises(SubjectForgotten):
        seal_personal(NAME, VERIFIED, user_id=USER, subject=Keyless.DESTROYED)
    blank = encode(EmailVerified(user_id=USER, email=FORGOTTEN, at=AT))[1]
    assert seal_personal(NAME, blank, user_id=USER, subject=Keyless.DESTROYED) == blank


@pytest.mark.parametrize("stored", [b"", b"[]", b"null", b'{"email":7}', b"\xff"])
def test_what_is_no_fact_is_left_to_the_codec(stored: bytes) -> None:
    told = open_personal(NAME, stored, user_id=USER, place=11, subject=KEY)
    with pytest.raises(UnreadableFact):
        decode(NAME, told)


def test_no_key_is_shown() -> None:
    assert "cipher" not in repr(KEY)
    assert str(bytes(range(4)))[2:-1] not in repr(KEY)
    assert context_of(USER, NAME, "email") != context_of(USER, NAME + "email", "")
