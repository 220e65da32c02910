from pathlib import Path
from typing import get_args

import pytest
from tests.contract.event_log.examples import EXAMPLES

from adapters.codec.events import CODEC, decode, encode
from domain.alerts.events import AlertEvent, DeliveryEvent
from domain.identity.events import OperatorEvent, UserEvent
from domain.intents.events import IntentEvent
from domain.positions.events import PositionEvent
from domain.signals.events import SignalEvent

GOLDEN = Path(__file__).with_name("golden")
UNIONS = (UserEvent, OperatorEvent, SignalEvent, AlertEvent, DeliveryEvent, IntentEvent, PositionEvent)
EVERY_EVENT = {kind for union in UNIONS for kind in get_args(union)}


def test_every_event_of_every_context_has_a_stored_name() -> None:
    assert set(CODEC.names) == EVERY_EVENT


def test_every_stored_name_has_a_golden_file_and_none_was_removed() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == {*CODEC.names.values(), *CODEC.upcasts}


def test_every_event_has_an_example() -> None:
    assert {type(fact) for fact in EXAMPLES} == EVERY_EVENT
    assert len(EXAMPLES) == len(EVERY_EVENT)


@pytest.mark.parametrize("fact", EXAMPLES, ids=lambda fact: type(fact).__name__)
def test_what_was_once_stored_still_reads_as_the_same_fact(fact: object) -> None:
    name = CODEC.names[type(fact)]
    assert decode(name, golden(name)) == fact


@pytest.mark.parametrize("name", CODEC.names.values())
def test_reading_and_writing_again_gives_the_same_bytes(name: str) -> None:
    assert encode(decode(name, golden(name))) == (name, golden(name))


def test_what_older_versions_stored_still_reads() -> None:
    read = {name: type(decode(name, golden(name))) for name in CODEC.upcasts}
    assert set(read.values()) <= EVERY_EVENT


def golden(name: str) -> bytes:
    return (GOLDEN / f"{name}.json").read_bytes().removesuffix(b"\n")
