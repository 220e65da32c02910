from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.event_log.examples import AT, EXAMPLES, TERMS, USER

from adapters.codec.codec import Codec
from adapters.codec.errors import UnknownFact, UnreadableFact, UnstorableFact
from adapters.codec.events import decode, encode, names_of
from adapters.codec.upcasts import Document, Upcast
from domain.alerts.events import DeliverySucceeded
from domain.identity.events import TelegramLinked, UserDeleted
from domain.intents.events import IntentProposed

moments = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]))
amounts = st.decimals(allow_nan=False, allow_infinity=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A fact of today, which used to be told in pounds, and before that without a unit."""

    grams: Decimal
    at: datetime


def in_pounds(old: Document) -> Document:
    return {"pounds": old["weight"], "at": old["at"]}


def in_grams(old: Document) -> Document:
    return {"grams": str(Decimal(old["pounds"]) * Decimal("453.59237")), "at": old["at"]}


CHANGED = Codec(
    {Weighed: "load.weighed.v3"},
    {
        "load.weighed.v1": Upcast("load.weighed.v2", in_pounds),
        "load.weighed.v2": Upcast("load.weighed.v3", in_grams),
    },
)


@given(at=moments, chat=st.text())
def test_a_fact_comes_back_as_it_was(at: datetime, chat: str) -> None:
    fact = TelegramLinked(user_id=USER, chat_id=chat, at=at)
    assert decode(*encode(fact)) == fact


@given(amount=amounts)
def test_a_decimal_keeps_every_digit_and_its_exponent(amount: Decimal) -> None:
    fact = Weighed(grams=amount, at=AT)
    read = CHANGED.decode(*CHANGED.encode(fact))
    assert isinstance(read, Weighed)
    assert read.grams.as_tuple() == amount.as_tuple()


@given(receipt=st.dictionaries(st.text(), st.text()))
def test_equal_facts_have_equal_bytes(receipt: dict[str, str]) -> None:
    fact = next(fact for fact in EXAMPLES if isinstance(fact, DeliverySucceeded))
    backwards = dict(reversed(receipt.items()))
    assert encode(replace(fact, receipt=receipt)) == encode(
        replace(fact, receipt=MappingProxyType(backwards))
    )


def test_a_time_is_stored_in_utc() -> None:
    in_india = datetime(2026, 1, 1, 5, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    _, stored = encode(UserDeleted(user_id=USER, at=in_india))
    assert b'"at":"2026-01-01T00:00:00Z"' in stored


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(UnstorableFact, match="time zone"):
        encode(UserDeleted(user_id=USER, at=AT.replace(tzinfo=None)))


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(UnstorableFact, match="NaN is not a number"):
        CHANGED.encode(Weighed(grams=Decimal("NaN"), at=AT))


def test_what_is_no_fact_is_refused() -> None:
    with pytest.raises(UnstorableFact, match="Terms cannot be put on record"):
        encode(TERMS)


@pytest.mark.parametrize("name", ["user.promoted.v1", "user.deleted.v2", "", "domain.identity.UserDeleted"])
def test_a_name_that_nobody_knows_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(UnknownFact, match="which this version of Plimsoll does not know"):
        decode(name, b"{}")


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b'"at":', b'"why":"x","at":'),
        (b'"times":3', b'"times":3,"more":1'),
        (b'"times":3', b'"times":"3"'),
        (b'"times":3', b'"times":3.0'),
        (b'"kind":"repay"', b'"kind":"borrow"'),
        (b'"total":"3000.5",', b""),
        (b'"at":"2026', b'"at":"soon'),
        (b"}", b""),
    ],
)
def test_bytes_that_were_never_written_are_refused_without_repeating_them(was: bytes, becomes: bytes) -> None:
    proposed = next(fact for fact in EXAMPLES if isinstance(fact, IntentProposed))
    name, stored = encode(proposed)
    assert was in stored
    with pytest.raises(UnreadableFact) as refused:
        decode(name, stored.replace(was, becomes))
    assert "soon" not in str(refused.value)


def test_a_stored_null_is_no_fact() -> None:
    with pytest.raises(UnreadableFact):
        decode("user.deleted.v1", b"null")


def test_a_value_that_breaks_a_rule_of_the_domain_is_refused() -> None:
    proposed = next(fact for fact in EXAMPLES if isinstance(fact, IntentProposed))
    name, stored = encode(proposed)
    with pytest.raises(UnreadableFact, match="acts between 1 and 1000 times"):
        decode(name, stored.replace(b'"times":3', b'"times":0'))


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("load.weighed.v1", b'{"weight":"2","at":"2026-02-03T04:05:06.789012Z"}'),
        ("load.weighed.v2", b'{"pounds":"2","at":"2026-02-03T04:05:06.789012Z"}'),
        ("load.weighed.v3", b'{"grams":"907.18474","at":"2026-02-03T04:05:06.789012Z"}'),
    ],
)
def test_a_fact_of_any_version_reads_as_todays(name: str, stored: bytes) -> None:
    assert CHANGED.decode(name, stored) == Weighed(grams=Decimal("907.18474"), at=AT)


def test_a_reader_of_a_kind_asks_for_all_its_versions() -> None:
    assert set(CHANGED.names_of(Weighed)) == {"load.weighed.v3", "load.weighed.v2", "load.weighed.v1"}
    assert names_of(UserDeleted) == ("user.deleted.v1",)


@pytest.mark.parametrize(
    "upcasts",
    [
        {"load.weighed.v1": Upcast("load.weighed.v2", dict)},
        {
            "load.weighed.v1": Upcast("load.weighed.v2", dict),
            "load.weighed.v2": Upcast("load.weighed.v1", dict),
        },
    ],
)
def test_upcasts_that_lead_nowhere_are_refused_at_once(upcasts: dict[str, Upcast]) -> None:
    with pytest.raises(ValueError, match="lead to no fact of today"):
        Codec({Weighed: "load.weighed.v3"}, upcasts)


def test_two_facts_cannot_share_a_name() -> None:
    with pytest.raises(ValueError, match="same stored name"):
        Codec({Weighed: "load.weighed.v1", UserDeleted: "load.weighed.v1"})
