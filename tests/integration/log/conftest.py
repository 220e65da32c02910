import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.fixtures.database import Database
from tests.integration.embedded.user import end

from adapters.postgres.embedded.address import SUPERUSER
from adapters.postgres.embedded.home import home_folder
from adapters.postgres.embedded.server import EmbeddedPostgres
from adapters.postgres.migrator import migrate
from adapters.postgres.urls import conninfo

NAME = "plimsoll"


class OwnServer:
    """A durable PostgreSQL of one test's own, which may be killed and started again."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.embedded = EmbeddedPostgres(directory, durable=True)
        address = self.embedded.start()
        with psycopg.connect(address.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {NAME}".encode())
        self.database = Database(address.url(SUPERUSER, NAME))
        migrate(self.database.admin_url)

    @property
    def data(self) -> Path:
        return home_folder(self.directory) / "data"

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        """Run a statement as the superuser."""
        with psycopg.connect(conninfo(self.database.admin_url), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def start(self) -> None:
        """Start it again after it died."""
        self.embedded.start()


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own user may enter, unlike pytest's."""
    made = Path(tempfile.mkdtemp(prefix="plimsoll-test-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    end(made / "database")
    home = home_folder(made / "database")
    if not home.is_relative_to(made):
        shutil.rmtree(home)
    shutil.rmtree(made)


@pytest.fixture
def own_server(own_folder: Path) -> Iterator[OwnServer]:
    server = OwnServer(own_folder / "database")
    yield server
    server.embedded.stop()
