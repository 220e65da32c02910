from typing import LiteralString

import psycopg
import pytest
from tests.fixtures.database import Database

from adapters.postgres.urls import conninfo

REWRITING: list[LiteralString] = [
    "UPDATE seals SET position = 1",
    "DELETE FROM seals",
    "TRUNCATE seals",
    "DROP TABLE seals",
]


@pytest.mark.parametrize("statement", REWRITING)
def test_neither_a_worker_nor_the_http_server_rewrites_seals(
    database: Database, statement: LiteralString
) -> None:
    for url in (database.worker_url, database.app_url):
        refuse(url, statement)


@pytest.mark.parametrize("statement", REWRITING[:3])
def test_not_even_a_superuser_rewrites_seals_by_mistake(database: Database, statement: LiteralString) -> None:
    refuse(database.admin_url, statement)


def test_the_http_server_reads_seals_and_makes_none(database: Database) -> None:
    refuse(database.app_url, "INSERT INTO seals SELECT * FROM seals")
    for url in (database.app_url, database.worker_url):
        with psycopg.connect(conninfo(url)) as connection:
            assert connection.execute("SELECT count(*) FROM seals").fetchone() == (0,)


def refuse(url: str, statement: LiteralString) -> None:
    with psycopg.connect(conninfo(url)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)
