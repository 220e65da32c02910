import os
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool
from tests.integration.embedded.user import ask, superuser

from adapters.postgres.embedded.account import Account
from adapters.postgres.embedded.address import Address
from adapters.postgres.embedded.server import EmbeddedPostgres
from adapters.postgres.embedded.sockets import SHORT_PLACE, remove_far_socket_folder, socket_folder


def test_libpq_and_sqlalchemy_reach_any_role_and_database_by_its_address(directory: Path) -> None:
    role, database = "o'mar@home", "a/b? c\\d%"
    with EmbeddedPostgres(directory, durable=False) as address:
        with psycopg.connect(superuser(address), autocommit=True) as connection:
            connection.execute("""CREATE ROLE "o'mar@home" LOGIN""")
            connection.execute(rb"""CREATE DATABASE "a/b? c\d%" """)
        question = "SELECT current_user || current_database()"
        assert ask(address.conninfo(role, database), question) == role + database
        engine = create_engine(address.url(role, database), poolclass=NullPool)
        with engine.connect() as through_sqlalchemy:
            assert through_sqlalchemy.execute(text(question)).scalar_one() == role + database


def test_a_path_too_long_for_a_socket_gets_a_short_private_one(parent: Path) -> None:
    directory = parent / ("deep/" * 30) / "data base"
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


@pytest.mark.parametrize("name", ["a,b", "a:b", "it's"])
def test_a_path_that_libpq_would_read_as_several_gets_another_which_is_kept(parent: Path, name: str) -> None:
    home = parent / name
    home.mkdir()
    account = Account.serving(home / "data")
    folder = socket_folder(home, account)
    assert folder.parent == SHORT_PLACE
    assert socket_folder(home, account) == folder
    folder.chmod(0o755)
    another = socket_folder(home, account)
    assert another != folder, "a folder that others may enter is not used"
    folder.rmdir()
    remove_far_socket_folder(home)
    assert not another.exists()


def test_an_address_survives_signs_that_urls_and_conninfo_give_a_meaning() -> None:
    address = Address(Path("/run/d a%t'a"), 5432)
    url = make_url(address.url(address.superuser, "postgres"))
    assert (url.username, url.database, url.query["host"]) == ("postgres", "postgres", "/run/d a%t'a")
    assert conninfo_to_dict(superuser(address))["host"] == "/run/d a%t'a"
