import re
from typing import LiteralString

import psycopg
import pytest
from tests.fixtures.database import Database

from adapters.codec.events import CODEC
from adapters.codec.personal import PERSONAL
from adapters.postgres.urls import conninfo


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        ("type = ANY ('{user.deleted.v1,intent.armed.v1}'::text[])", "type_position"),
        ("user_id = '00000000-0000-0000-0000-000000000001'", "user_id_position"),
        ("correlation_id = '00000000-0000-0000-0000-000000000001'", "correlation_id"),
        ("stream_id = '00000000-0000-0000-0000-000000000001'", "stream_id_version"),
    ],
)
def test_facts_are_found_by_index(database: Database, condition: LiteralString, index: str) -> None:
    with psycopg.connect(conninfo(database.admin_url)) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = connection.execute(f"EXPLAIN SELECT position FROM events WHERE {condition}").fetchall()
    assert re.search(rf"(Index Scan using|Bitmap Index Scan on) \S*{index}", str(plan))


def test_only_frequent_facts_are_kept_out_of_the_index_on_types(database: Database) -> None:
    with psycopg.connect(conninfo(database.admin_url)) as connection:
        [[definition]] = connection.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'idx_events_type_position'"
        ).fetchall()
    frequent = set(re.findall(r"'([a-z_.]+\.v[0-9]+)'", definition))
    assert frequent <= set(CODEC.classes)
    assert not frequent & set(PERSONAL)  # those of a span of the log are looked up before it is read
