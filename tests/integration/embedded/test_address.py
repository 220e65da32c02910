import os
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool
from tests.integration.embedded.user import ask, superuser

from adapters.postgres.embedded.address import Address
from adapters.postgres.embedded.server import EmbeddedPostgres


def test_libpq_and_sqlalchemy_reach_any_role_and_database_by_its_address(fresh: Path) -> None:
    role, database = "o'mar@home", "a/b? c\\d%"
    with EmbeddedPostgres(fresh.with_name("da ta"), durable=False) as address:
        with psycopg.connect(superuser(address), autocommit=True) as connection:
            connection.execute("""CREATE ROLE "o'mar@home" LOGIN""")
            connection.execute(rb"""CREATE DATABASE "a/b? c\d%" """)
        question = "SELECT current_user || current_database()"
        assert ask(address.conninfo(role, database), question) == role + database
        engine = create_engine(address.url(role, database), poolclass=NullPool)
        with engine.connect() as through_sqlalchemy:
            assert through_sqlalchemy.execute(text(question)).scalar_one() == role + database


@pytest.mark.parametrize("name", ["deep/" * 30 + "database", "a,b:c"])
def test_a_path_that_no_socket_can_have_gets_a_short_private_one(parent: Path, name: str) -> None:
    directory = parent / name
    server = EmbeddedPostgres(directory, durable=False)
    address = server.start()
    assert ask(superuser(address), "SELECT 1") == 1
    assert len(os.fsencode(address.socket_folder)) < 60
    assert address.socket_folder.stat().st_mode & 0o777 == 0o700
    with EmbeddedPostgres(directory, durable=False) as same:
        assert same == address == EmbeddedPostgres(directory).status()
    server.stop()
    assert not address.socket_folder.exists()


def test_one_directory_has_one_server_however_its_path_is_spelt(directory: Path, parent: Path) -> None:
    (parent / "link").symlink_to(directory)
    with EmbeddedPostgres(directory, durable=False) as address:
        assert EmbeddedPostgres(parent / "link", durable=False).status() == address
        with EmbeddedPostgres(parent / "x" / ".." / "link", durable=False) as same:
            assert same == address


@pytest.mark.parametrize(("durable", "switch"), [(True, "on"), (False, "off")])
def test_people_get_durability_and_tests_get_speed(directory: Path, durable: bool, switch: str) -> None:
    expected = {
        "fsync": switch,
        "synchronous_commit": switch,
        "full_page_writes": switch,
        "data_checksums": "on",
        "listen_addresses": "",
        "TimeZone": "UTC",
        "server_encoding": "UTF8",
        "max_connections": "100",
        "jit": "off",
    }
    with EmbeddedPostgres(directory, durable=durable) as address:
        found = {name: ask(superuser(address), f'SHOW "{name}"') for name in expected}
        assert ask(superuser(address), "SELECT datlocale FROM pg_database LIMIT 1") == "C.UTF-8"
    assert found == expected


def test_an_address_names_its_superuser() -> None:
    assert Address(Path("/run/x"), 5432).url("postgres", "postgres") == (
        "postgresql+psycopg://postgres@/postgres?host=/run/x&port=5432"
    )
