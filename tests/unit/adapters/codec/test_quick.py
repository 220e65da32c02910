"""The quick reader gives what the strict one gives, or leaves it to the strict one."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import is_dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from typing import Any, NewType, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contract.event_log.examples import EXAMPLES

from adapters.codec.errors import UnreadableFact
from adapters.codec.events import CODEC, decode, decode_all, encode
from adapters.codec.located import decode_all_at
from adapters.codec.quick import QuickReader
from domain.alerts.events import AlertSent, DeliverySucceeded
from domain.identity.events import UserRegistered
from domain.shared.ids import Id
from domain.signals.events import SignalDetected

KINDS = [kind for kind in CODEC.names if QuickReader.of(kind) is not None]
QUICK = [fact for fact in EXAMPLES if type(fact) in KINDS]
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
    int: st.integers(-(2**63), 2**63 - 1),
    bool: st.booleans(),
    Id: st.uuids().map(str),
    datetime: st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])),
    type(None): st.none(),
}
SCRAPS = [
    b'"',
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b" ",
    b"\n",
    b"0",
    b"1.0",
    b"1e3",
    b"null",
    b"true",
    b"{}",
]
SCRAPS += [
    b'"a":1,',
    b'"\\u0041"',
    b"\\ud800",
    b"\xff",
    b"\x00",
    b"+05:30",
    b"T24",
    b"Z",
    b"aave_v3",
    b"-0",
    b"9" * 30,
]


def test_every_fact_without_decimals_can_be_read_quickly() -> None:
    assert SignalDetected in KINDS
    assert DeliverySucceeded in KINDS
    assert UserRegistered not in KINDS, "Infinity is a decimal, too"


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_it_gives_what_the_strict_reader_gives(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(KINDS))
    name, stored = encode(data.draw(anything_of(kind)))
    quick = quick_reader(kind)
    found = quick.one(stored)
    strict = strictly(name, stored)
    assert found is None or found == strict
    assert decode(name, stored) == strict


@pytest.mark.parametrize("fact", QUICK, ids=lambda fact: type(fact).__name__)
def test_what_is_stored_is_read_without_the_strict_reader(fact: object) -> None:
    name, stored = encode(fact)
    quick = quick_reader(type(fact))
    assert quick.one(stored) == fact
    assert quick.all([stored] * 3) == [fact] * 3
    assert decode_all(name, [stored]) == [fact]


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_it_never_takes_what_the_strict_reader_refuses(data: st.DataObject) -> None:
    fact = data.draw(st.sampled_from(QUICK))
    name, stored = encode(fact)
    for _ in range(data.draw(st.integers(1, 2))):
        begin = data.draw(st.integers(0, len(stored)))
        length = data.draw(st.integers(0, 4))
        stored = stored[:begin] + data.draw(st.sampled_from([b"", *SCRAPS])) + stored[begin + length :]
    quick = quick_reader(type(fact))
    found = quick.one(stored)
    if found is not None:
        assert found == strictly(name, stored)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b'"at":', b'"why":"x","at":'),
        (b'"at":', b'"at":"2026-02-03T04:05:06.789012Z","at":'),
        (b'"at":', b'"at" :'),
        (b".789012Z", b".7890121Z"),
        (b"T04", b" 04"),
        (b"telegram", b"tele\\u0067ram"),
    ],
)
def test_another_spelling_is_left_to_the_strict_reader(was: bytes, becomes: bytes) -> None:
    _, stored = encode(next(fact for fact in EXAMPLES if isinstance(fact, AlertSent)))
    quick = quick_reader(AlertSent)
    assert was in stored.replace(b"email", b"telegram")
    altered = stored.replace(b"email", b"telegram").replace(was, becomes)
    assert quick.one(altered) is None


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_many_give_what_one_gives_or_pass_something_over(data: st.DataObject) -> None:
    fact = data.draw(st.sampled_from(QUICK))
    name, stored = encode(fact)
    begin = data.draw(st.integers(0, len(stored)))
    length = data.draw(st.integers(0, 4))
    altered = stored[:begin] + data.draw(st.sampled_from(SCRAPS)) + stored[begin + length :]
    try:
        strict = decode(name, altered)
    except UnreadableFact:
        with suppress(UnreadableFact):
            [whole, read] = decode_all(name, [stored, altered])
            assert encode(read) != (name, altered)
            assert whole == fact
    else:
        assert decode_all(name, [stored, altered]) == [fact, strict]


def test_what_does_not_hold_a_fact_each_is_refused() -> None:
    name, stored = encode(next(fact for fact in EXAMPLES if isinstance(fact, SignalDetected)))
    middle = stored.index(b',"user_id"') + 1
    for payloads in (
        [stored + stored],
        [stored[:middle], stored[middle:]],
        [stored[:middle], stored[middle:], stored * 2],
        [stored, b"", stored],
        [stored, b"null"],
        [b""],
    ):
        with pytest.raises(UnreadableFact):
            decode_all(name, payloads)


def test_what_is_passed_over_does_not_depend_on_what_stands_beside_it() -> None:
    name, stored = encode(next(fact for fact in EXAMPLES if isinstance(fact, SignalDetected)))
    more, spelt = stored.replace(b"{", b'{"why":"x",', 1), stored.replace(b"06.789012Z", b"06,789012Z")
    fact = decode(name, stored)
    assert quick_reader(SignalDetected).all([more, spelt]) is None
    assert decode_all(name, [stored, more, spelt]) == [fact, fact, decode(name, spelt)]


def test_the_first_that_cannot_be_read_is_named_and_none_that_can() -> None:
    name, stored = encode(next(fact for fact in EXAMPLES if isinstance(fact, SignalDetected)))
    more = stored.replace(b"{", b'{"why":"x",', 1)
    with pytest.raises(UnreadableFact, match=r"\(position 9\)"):
        decode_all_at(name, [stored, more, b"null", b""], [7, 8, 9, 10])


def quick_reader(kind: Any) -> QuickReader:
    quick = QuickReader.of(kind)
    assert quick is not None
    return quick


def strictly(name: str, stored: bytes) -> object:
    [kind] = [kind for kind, known in CODEC.names.items() if known == name]
    return CODEC._strictly(name, kind, stored)


def anything_of(hint: Any) -> st.SearchStrategy[Any]:
    if isinstance(hint, NewType):
        return anything_of(hint.__supertype__)
    if hint in PLAIN:
        return PLAIN[hint]
    if isinstance(hint, type) and is_dataclass(hint):
        return st.builds(hint, **{name: anything_of(field) for name, field in get_type_hints(hint).items()})
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    if get_origin(hint) is tuple:
        return st.lists(anything_of(get_args(hint)[0]), max_size=3).map(tuple)
    if get_origin(hint) is Mapping:
        return st.dictionaries(*map(anything_of, get_args(hint)), max_size=3)
    return st.one_of([anything_of(part) for part in get_args(hint)])
