import base64
import hashlib
import hmac

import psycopg
import pytest
from tests.fixtures.database import Database

from adapters.postgres.migrator import migrate
from adapters.postgres.roles import APP, OWNER, WORKER, app_url, password_of, worker_url
from adapters.postgres.urls import conninfo, parsed
from domain.shared.errors import Invalid

ADMIN = "postgres://admin:s%40cret@db.example.org:6543/plimsoll?sslmode=require"


def test_each_role_has_an_address_and_a_password_of_its_own() -> None:
    serving, working = parsed(app_url(ADMIN)), parsed(worker_url(ADMIN))
    for url, role in ((serving, APP), (working, WORKER)):
        assert (url.username, url.password) == (role, password_of(role, "s@cret"))
        assert (url.host, url.port, url.database) == ("db.example.org", 6543, "plimsoll")
        assert url.query == {"sslmode": "require", "connect_timeout": "10"}
    assert serving.password != working.password


def test_a_password_is_derived_with_hmac_and_so_the_same_everywhere() -> None:
    assert password_of(APP, "s@cret") == hmac.digest(b"s@cret", b"plimsoll_app", "sha256").hex()


def test_where_the_administrator_has_no_password_nobody_has() -> None:
    url = app_url("postgresql+psycopg://postgres@/plimsoll?host=/run/postgres&port=5432")
    assert parsed(url).password is None
    assert "password" not in conninfo(url)


def test_the_administrators_own_way_in_is_not_handed_on() -> None:
    url = parsed(app_url("postgresql://host/plimsoll?password=s%40cret&user=admin&passfile=x"))
    assert url.query == {"connect_timeout": "10"}
    assert (url.username, url.password) == (APP, password_of(APP, "s@cret"))


def test_an_address_reads_the_same_for_libpq() -> None:
    read = psycopg.conninfo.conninfo_to_dict(conninfo(ADMIN))
    assert read == {
        "host": "db.example.org",
        "port": "6543",
        "user": "admin",
        "password": "s@cret",
        "dbname": "plimsoll",
        "sslmode": "require",
        "connect_timeout": "10",
    }


def test_an_address_may_say_how_long_to_wait() -> None:
    assert "connect_timeout=3" in conninfo("postgresql://host/plimsoll?connect_timeout=3")


@pytest.mark.parametrize("url", ["postgresql://host", "sqlite:///x", "plimsoll"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        conninfo(url)


def test_migrating_gives_the_roles_their_passwords_and_the_owner_none(database: Database) -> None:
    admin = parsed(database.admin_url).set(password="s3cret").render_as_string(hide_password=False)
    migrate(admin)
    with psycopg.connect(conninfo(admin)) as connection:
        stored: dict[str, str | None] = dict(
            connection.execute(
                "SELECT rolname, rolpassword FROM pg_authid WHERE rolname LIKE 'plimsoll%'"
            ).fetchall()
        )
    assert stored[OWNER] is None
    for role in (APP, WORKER):
        assert opens(password_of(role, "s3cret"), stored[role] or "")
        assert not opens(password_of(role, "another"), stored[role] or "")


def opens(password: str, verifier: str) -> bool:
    """Check a password as the server does: SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>."""
    _, counted, keys = verifier.split("$")
    iterations, salt = counted.split(":")
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(iterations))
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    return stored == base64.b64decode(keys.split(":")[0])
