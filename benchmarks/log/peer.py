"""The same facts in the PyPI package `eventsourcing`, stored and read as its documentation has it."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate
from eventsourcing.persistence import (
    ApplicationRecorder,
    DatetimeAsISO,
    DecimalAsStr,
    InfrastructureFactory,
    JSONTranscoder,
    Mapper,
    StoredEvent,
    UUIDAsHex,
)
from eventsourcing.utils import Environment
from psycopg.conninfo import conninfo_to_dict

from adapters.postgres.urls import conninfo
from benchmarks.log.history import Turn


class Story(Aggregate):
    """An aggregate that tells the facts of the main loop; what is nested in them are plain dictionaries."""

    class PositionsObserved(Aggregate.Event):
        batch_id: UUID
        chain_id: int
        protocol: str
        market: str
        block: dict[str, Any]
        count: int
        root: str
        without_position: list[str]
        unread: list[Any]
        at: datetime

    class SignalDetected(Aggregate.Event):
        signal_id: UUID
        user_id: UUID
        subject: dict[str, Any]
        type: str
        asset: str
        severity: str
        data: dict[str, str]
        rule_version: int
        source: str
        at: datetime
        expires_at: datetime | None

    class SignalCleared(Aggregate.Event):
        signal_id: UUID
        user_id: UUID
        data: dict[str, str]
        source: str
        at: datetime

    class AlertRaised(Aggregate.Event):
        alert_id: UUID
        user_id: UUID
        signal_id: UUID
        subject: dict[str, Any]
        type: str
        severity: str
        channels: list[str]
        message: str
        data: dict[str, str]
        rule_version: int
        at: datetime

    class AlertSent(Aggregate.Event):
        alert_id: UUID
        user_id: UUID
        channel: str
        at: datetime

    class AlertResolved(Aggregate.Event):
        alert_id: UUID
        user_id: UUID
        message: str
        at: datetime

    class DeliveryPlanned(Aggregate.Event):
        delivery_id: UUID
        alert_id: UUID
        user_id: UUID
        channel: str
        purpose: str
        attempt: int
        due_at: datetime
        at: datetime

    class DeliverySucceeded(Aggregate.Event):
        delivery_id: UUID
        user_id: UUID
        receipt: dict[str, str]
        at: datetime


def mapper() -> Mapper[UUID]:
    """Return the package's own mapper, with the transcodings that its applications register."""
    transcoder = JSONTranscoder()
    for coding in (UUIDAsHex(), DecimalAsStr(), DatetimeAsISO()):
        transcoder.register(coding)
    return Mapper(transcoder)


def stored(turns: Sequence[Turn], by: Mapper[UUID]) -> list[StoredEvent]:
    """Return the same facts as the package stores them."""
    return [by.to_stored_event(_event(turn)) for turn in turns]


@contextmanager
def recorder(admin_url: str, *, pool_size: int = 5) -> Iterator[ApplicationRecorder]:
    """Open the package's PostgreSQL recorder, with tables of its own, in the same database, as it is by default.

    What the environment says of it holds, as with every application of the package: POSTGRES_ENABLE_DB_FUNCTIONS=y
    has it insert by functions in the database.
    """
    at = conninfo_to_dict(conninfo(admin_url))
    environment = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(at["dbname"]),
        "POSTGRES_HOST": str(at["host"]),
        "POSTGRES_PORT": str(at.get("port", 5432)),
        "POSTGRES_USER": str(at["user"]),
        "POSTGRES_PASSWORD": str(at.get("password", "")),
        "POSTGRES_POOL_SIZE": str(pool_size),
        "POSTGRES_MAX_OVERFLOW": str(pool_size),
        "POSTGRES_SCHEMA": "public",
        "POSTGRES_ENABLE_DB_FUNCTIONS": os.environ.get("POSTGRES_ENABLE_DB_FUNCTIONS", "n"),
    }
    factory: Any = InfrastructureFactory.construct(Environment("Peer", environment))
    try:
        yield factory.application_recorder()
    finally:
        factory.close()


def _event(turn: Turn) -> Any:
    kind = getattr(Story, type(turn.fact).__name__)
    return kind(
        originator_id=UUID(turn.stream),
        originator_version=turn.version,
        timestamp=turn.fact.at,
        **_told(turn.fact),
    )


def _told(fact: Any) -> dict[str, Any]:
    """Return what the package's event holds: ids are UUIDs, as it is used to."""
    told = {one.name: _simple(getattr(fact, one.name)) for one in fields(fact)}
    return {
        name: UUID(value) if name.endswith("_id") and isinstance(value, str) else value
        for name, value in told.items()
    }


def _simple(value: Any) -> Any:
    if is_dataclass(value):
        return _told(value)
    if isinstance(value, tuple):
        return [_simple(one) for one in value]
    return value.value if isinstance(value, Enum) else value
