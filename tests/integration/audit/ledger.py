from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg.rows import TupleRow
from tests.integration.postgres.facts import alert, sent

from adapters.memory.clock import ManualClock
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.urls import conninfo
from adapters.postgres.work import PostgresWork
from adapters.seals.anchor_file import AnchorFile
from adapters.seals.keys import KeyRing, PublicKeys, SigningKey, new_key
from adapters.seals.leaf import leaf_of
from application.audit.proving.finding import Verification
from application.audit.proving.proofs import ConsistencyProof, InclusionProof
from application.audit.proving.prove_consistency import ProveConsistency
from application.audit.proving.prove_fact import ProveFact
from application.audit.proving.seal_log import SealLog
from application.audit.proving.seals import Seal
from application.audit.proving.verify_log import VerifyLog
from application.shared.ports import Place


def ring() -> tuple[SigningKey, PublicKeys]:
    made = KeyRing.read(new_key())
    assert made.signing is not None
    return made.signing, made.trusted


@dataclass
class Ledger:
    """A log on PostgreSQL that can be written, sealed, verified, proven - and tampered with."""

    database: PostgresDatabase[PostgresWork]
    admin_url: str
    anchor: AnchorFile
    clock: ManualClock
    keys: tuple[SigningKey, PublicKeys] = field(default_factory=ring)

    async def write(self, *sizes: int) -> None:
        """Make a commit of each size; every alert gets two facts where there is room."""
        for size in sizes:
            async with self.database.begin(None) as work:
                streams = [alert() for _ in range((size + 1) // 2)]
                for number in range(size):
                    stream = streams[number // 2]
                    work.facts.append(stream, number % 2, [sent(stream)])

    async def seal(self) -> Seal:
        made = await SealLog(self.database.begin, self.clock, self.keys[0], self.anchor)()
        assert made is not None
        return made

    async def verify(self, *, from_seal: int | None = None) -> Verification:
        return await VerifyLog(self.database.begin, self.keys[1], self.anchor)(from_seal=from_seal)

    async def prove(self, place: int, *, seal: int | None = None) -> InclusionProof:
        return await ProveFact(self.database.begin, self.keys[1], leaf_of)(place=Place(place), seal=seal)

    async def consistency(self, old: int, new: int) -> ConsistencyProof:
        return await ProveConsistency(self.database.begin, self.keys[1])(old=old, new=new)

    def tamper(self, *statements: str | Callable[[psycopg.Connection[TupleRow]], object]) -> None:
        """Do as a superuser may who has switched the guard rails off."""
        with psycopg.connect(conninfo(self.admin_url)) as connection:
            connection.execute("SET session_replication_role = replica")
            for statement in statements:
                if isinstance(statement, str):
                    connection.execute(statement.encode())
                else:
                    statement(connection)


def ledger_on(database: PostgresDatabase[PostgresWork], admin_url: str, directory: Path) -> Ledger:
    return Ledger(database, admin_url, AnchorFile(directory / "seals.jsonl"), ManualClock())
