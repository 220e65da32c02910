import time
from dataclasses import dataclass

from adapters.postgres.embedded.binaries import Binaries
from adapters.postgres.embedded.failure import EmbeddedPostgresFailed
from adapters.postgres.embedded.home import Home
from adapters.postgres.embedded.log import Log, shorten
from adapters.postgres.embedded.postmaster import Postmaster, forget_impostor
from adapters.postgres.embedded.settings import server_options
from adapters.postgres.embedded.sockets import remove_far_socket_folder, socket_folder

START = 120  # seconds: the recovery of a killed server may take its time
STOP = 60
LEFTOVERS = 20  # seconds that the orphans of a killed server get to notice and end
ROOM = 1024 * 1024  # bytes for lock files and log
SILENT = 3  # attempts that may end without a word, as one does that is killed
PASSING = ("is still in use", "already exists")


@dataclass(frozen=True, slots=True)
class Service:
    """A home's server, started and stopped by pg_ctl; every call happens under the mutex."""

    home: Home
    binaries: Binaries

    def running(self) -> Postmaster | None:
        """Return the server that takes connections, waiting for one on its way up or down; None without one."""
        deadline = time.monotonic() + START
        while found := Postmaster.alive(self.home.data):
            if found.ready:
                return found
            if time.monotonic() > deadline:
                raise EmbeddedPostgresFailed(
                    f"PostgreSQL in {self.home.folder} has been {found.status} for {START} seconds: "
                    f"{self.home.log} says why; try again when it has ended."
                )
            time.sleep(0.02)
        return None

    def start(self, *, durable: bool) -> Postmaster:
        """Start the server, or find that somebody's orphaned attempt has just done so."""
        shorten(self.home.log)
        deadline = time.monotonic() + LEFTOVERS
        attempt = 0
        while True:
            attempt += 1
            log = Log(self.home.log)
            self._launch(log, durable=durable)
            if found := self.running():
                return found
            if time.monotonic() > deadline or not _may_pass(log.complaints(), attempt):
                raise log.failure(f"PostgreSQL in {self.home.folder} did not start", needs=ROOM)
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop the server if it runs, first politely."""
        log = Log(self.home.log)
        for manner in ("fast", "immediate"):
            if Postmaster.alive(self.home.data) is None:
                break
            self._control(log, "stop", "-m", manner, "-t", str(STOP))
        if Postmaster.alive(self.home.data) is not None:
            raise log.failure(f"PostgreSQL in {self.home.folder} did not stop", needs=ROOM)
        remove_far_socket_folder(self.home.folder)

    def _launch(self, log: Log, *, durable: bool) -> None:
        forget_impostor(self.home.data)
        options = server_options(socket_folder(self.home.folder, self.home.account), durable=durable)
        self._control(log, "start", "-t", str(START), "-l", str(self.home.log), "-o", options)

    def _control(self, log: Log, *command: str) -> None:
        # Its status is not asked for: whether a server runs is, and it says more.
        log.keep(
            self.home.account, self.binaries.program("pg_ctl"), *command, "-s", "-w", "-D", self.home.data
        )


def _may_pass(complaints: list[str], attempt: int) -> bool:
    if not complaints:
        return attempt < SILENT
    return any(sign in complaint for sign in PASSING for complaint in complaints)
