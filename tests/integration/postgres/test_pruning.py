from datetime import timedelta

import psycopg
from tests.fixtures.database import Database
from tests.integration.postgres.conftest import Open

from adapters.postgres.pruning import ANSWERS_KEPT, SESSIONS_KEPT, prune
from adapters.postgres.urls import conninfo
from adapters.system.clock import SystemClock

USER = "01890000-0000-7000-8000-000000000001"
AT = SystemClock().now()
DAY = timedelta(days=1)


async def test_what_serves_no_more_goes_and_what_still_serves_stays(
    database: Database, open_database: Open
) -> None:
    with psycopg.connect(conninfo(database.admin_url), autocommit=True) as admin:
        admin.execute(
            "INSERT INTO users (id, wallet_address, preferences, registered_at, version)"
            " VALUES (%s, %s, '{}', now(), 1)",
            [USER, f"0x{'1' * 40}"],
        )
        for key, age in (("old", ANSWERS_KEPT + DAY), ("new", DAY)):
            admin.execute(
                "INSERT INTO idempotency_keys (user_id, key, fingerprint, claimed_until, created_at)"
                " VALUES (%s, %s, '', now(), %s)",
                [USER, key, AT - age],
            )
        ends = {"long over": AT - SESSIONS_KEPT - DAY, "just over": AT - DAY, "open": AT + DAY}
        for number, (name, end) in enumerate(ends.items()):
            admin.execute(
                "INSERT INTO sessions (token_hash, user_id, name, opened_at, expires_at) VALUES (%s, %s, %s, %s, %s)",
                [bytes([number]) * 32, USER, name, end - DAY, end],
            )
        admin.execute(
            "INSERT INTO contact_codes (user_id, channel, code_hash, contact, expires_at)"
            " VALUES (%s, 'email', %s, '', %s)",
            [USER, bytes(32), AT - ANSWERS_KEPT - DAY],
        )
        worker = await open_database(database.worker_url)
        async with worker.begin(None) as work:
            assert await prune(work.connection, at=AT) == 3
        keys = admin.execute("SELECT key FROM idempotency_keys").fetchall()
        sessions = admin.execute("SELECT name FROM sessions ORDER BY name").fetchall()
        assert keys == [("new",)]
        assert sessions == [("just over",), ("open",)]
        assert admin.execute("SELECT count(*) FROM contact_codes").fetchone() == (0,)
