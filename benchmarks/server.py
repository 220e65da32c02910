import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from adapters.postgres.embedded.address import SUPERUSER
from adapters.postgres.embedded.binaries import find_binaries
from adapters.postgres.embedded.home import Home, home_folder
from adapters.postgres.embedded.server import EmbeddedPostgres
from adapters.postgres.embedded.service import START, Service
from adapters.postgres.embedded.settings import server_options
from adapters.postgres.embedded.sockets import socket_folder
from adapters.postgres.urls import conninfo

_MEASURED = "host all all 127.0.0.1/32 scram-sha-256\n"
_MEMORY = "-c shared_buffers=2GB -c max_wal_size=8GB -c min_wal_size=1GB"
_WORN_IN = (
    "CREATE TABLE gone (filling text)",
    "INSERT INTO gone SELECT repeat('x', 1900) FROM generate_series(1, 600000)",
    "DROP TABLE gone",
    "CHECKPOINT",
)
"""What makes a server as if it had run for a while: its memory is its own, and the next gigabyte of WAL has files."""


@contextmanager
def measured_server(directory: Path) -> Iterator[str]:
    """Start the embedded server, durable, and on loopback TCP as well; yield its administrator's URL there.

    All sides of a measurement connect the same way, and the peer's pipelined inserts hang on a Unix socket, whose
    buffers are small. The password lives as long as the server, and is checked in one round so that it costs nothing.
    Nothing of it is left afterwards, wherever it kept its data.
    """
    password = secrets.token_urlsafe(24)
    known_by = (
        "ALTER SYSTEM SET scram_iterations = 1",
        "SET scram_iterations = 1",
        f"ALTER ROLE {SUPERUSER} PASSWORD '{password}'",
    )
    try:
        with EmbeddedPostgres(directory, durable=True) as address:
            _run(address.conninfo(SUPERUSER, "postgres"), known_by)
            port = _listen_again(Home.settle(directory, durable=True))
            url = f"postgresql+psycopg://{SUPERUSER}:{password}@127.0.0.1:{port}/postgres"
            _run(conninfo(url), _WORN_IN)
            yield url
    finally:
        shutil.rmtree(home_folder(directory), ignore_errors=True)


def _run(server: str, statements: Sequence[str]) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _listen_again(home: Home) -> int:
    """Restart the server with the same settings but one: where it listens."""
    rules = home.data / "pg_hba.conf"
    kept = [line for line in rules.read_text().splitlines() if not line.startswith("host")]
    rules.write_text("\n".join(kept) + "\n" + _MEASURED)
    service = Service(home, find_binaries(None, home.account))
    service.stop()
    port = _free_port()
    usual = server_options(socket_folder(home.folder, home.account), durable=True)
    home.account.run(
        service.binaries.program("pg_ctl"),
        *("start", "-s", "-w", "-t", str(START), "-D", home.data, "-l", home.log),
        *(
            "-o",
            f"{usual} -c listen_addresses=127.0.0.1 -c port={port} {_MEMORY}",
        ),
        output=subprocess.DEVNULL,  # a server that inherits a pipe keeps its reader waiting
    )
    if service.running() is None:
        raise AssertionError(f"The measured server did not start: {home.log} says why.")
    return port


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port
