"""A transaction with the log and nothing else, in this process or another one."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from tests.integration.audit.ledger import ring

from adapters.codec.events import encode
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.driver import driver_of
from adapters.postgres.log.append import Append, append, prepared
from adapters.postgres.work import PostgresWork
from adapters.seals.no_anchor import NoAnchor
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds
from application.audit.proving.finding import Verification
from application.audit.proving.verify_log import VerifyLog
from application.shared.ports import Place
from domain.alerts.events import AlertSent
from domain.identity.preferences import Channel
from domain.shared.ids import AlertId, Id, UserId, derived

ME = UserId(derived("user", "who is told"))
AT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Work(PostgresWork):
    """What every transaction offers, and appends with keys, which no port does."""

    async def append(self, one: Append) -> Place:
        driver = await driver_of(self.connection)
        return await append(driver, one.entries, key=one.key, fingerprint=one.fingerprint)


Log: TypeAlias = PostgresDatabase[Work]


@asynccontextmanager
async def opened(url: str, *, pool_size: int = 1) -> AsyncIterator[Log]:
    database = PostgresDatabase(
        url, work=Work, clock=SystemClock(), ids=SystemIds(), pool_size=pool_size, patience=10
    )
    try:
        yield database
    finally:
        await database.close()


def sent(id: Id) -> AlertSent:
    """A fact that says which one it is."""
    return AlertSent(alert_id=AlertId(id), user_id=ME, channel=Channel.IN_APP, at=AT)


def append_of(stream: Id, expected: int, facts: Sequence[object], key: Id | None) -> Append:
    encoded = [encode(fact) for fact in facts]
    return prepared(stream, expected, encoded, ids=SystemIds(), at=SystemClock().now(), key=key)


async def verified(log: Log) -> Verification:
    """Hash the whole log again."""
    return await VerifyLog(log.begin, ring()[1], NoAnchor())()
