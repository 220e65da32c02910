import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from adapters.postgres.embedded.address import Address
from adapters.postgres.embedded.home import home_folder
from adapters.postgres.embedded.postmaster import Postmaster

SOURCES = Path(__file__).parents[3] / "src"
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join([str(SOURCES), *sys.path])}
SCRIPT = """
import sys
from pathlib import Path
from adapters.postgres.embedded.server import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), durable=sys.argv[2] == "durable")
address = server.start()
print(address.conninfo(address.superuser, "postgres"), flush=True)
sys.stdin.readline()
server.stop()
"""


class User:
    """A process that uses the server of a directory until it is told to leave, or killed."""

    def __init__(self, directory: Path, *, durable: bool = False) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, directory, "durable" if durable else "throwaway"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
        )

    def conninfo(self) -> str:
        """Wait until it has started the server, and return the address that it was given."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def leave(self) -> None:
        self.process.communicate("\n", timeout=60)
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        # A server that had inherited the pipe would let this wait for ever.
        self.process.communicate(timeout=10)


def ask(conninfo: str, question: str) -> object:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        cursor = connection.execute(question.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def superuser(address: Address) -> str:
    return address.conninfo(address.superuser, "postgres")


def postmaster_of(directory: Path) -> Postmaster | None:
    return Postmaster.alive(home_folder(directory) / "data")


def end(directory: Path, how: signal.Signals = signal.SIGQUIT) -> None:
    """End the server of a directory, if one runs, and wait until it is gone."""
    found = postmaster_of(directory)
    if found is not None:
        os.kill(found.pid, how)
        deadline = time.monotonic() + 10
        while postmaster_of(directory) is not None:
            assert time.monotonic() < deadline, f"{found} does not end"
            time.sleep(0.01)
