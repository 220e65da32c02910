import os
from pathlib import Path
from types import TracebackType

from adapters.postgres.embedded.address import Address
from adapters.postgres.embedded.binaries import find_binaries
from adapters.postgres.embedded.cluster import ensure_cluster
from adapters.postgres.embedded.failure import EmbeddedPostgresFailed, failing_clearly
from adapters.postgres.embedded.home import Home, home_folder
from adapters.postgres.embedded.locks import Membership, one_at_a_time
from adapters.postgres.embedded.postmaster import Postmaster
from adapters.postgres.embedded.service import Service
from adapters.postgres.embedded.settings import throws_away


class EmbeddedPostgres:
    """A PostgreSQL server of our own in a data directory, shared by every process that starts it.

    The first user starts it, the last one out stops it; a user that dies leaves without a word,
    and a server that dies is started again by the next. It listens on a private Unix socket only.
    Without durability (for tests) a crash of the machine may lose everything. `binaries` names a
    folder with other programs of PostgreSQL. Calls block; what fails raises EmbeddedPostgresFailed.
    """

    def __init__(self, directory: Path, durable: bool = True, binaries: Path | None = None) -> None:
        self.directory = directory.expanduser().absolute()
        self._durable = durable
        self._binaries = binaries
        self._users: Membership | None = None
        self._service: Service | None = None

    def start(self) -> Address:
        """Join the users of the server, starting it if it does not run; again, to restart one that died."""
        with failing_clearly(self.directory):
            _found(self.directory)
            self.directory = self.directory.resolve()
            with one_at_a_time(self.directory / "start.lock"):
                if self._users is None:
                    self._users = Membership.join(self.directory / "users.lock")
                try:
                    return _address(self._serve(self._users))
                except BaseException:
                    self._part(self._users)
                    raise

    def stop(self) -> None:
        """Leave the users of the server; the last one out stops it."""
        if self._users is None:
            return
        if not self._users.mine:
            self._users.leave()
            self._users = None
            return
        with failing_clearly(self.directory), one_at_a_time(self.directory / "start.lock"):
            self._part(self._users)

    def status(self) -> Address | None:
        """Say where the server listens if it runs, without using, starting or making anything."""
        with failing_clearly(self.directory):
            found = Postmaster.alive(home_folder(self.directory.resolve()) / "data")
        return _address(found) if found and found.ready else None

    def __enter__(self) -> Address:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _serve(self, users: Membership) -> Postmaster:
        home = Home.settle(self.directory, durable=self._durable)
        self._service = Service(home, find_binaries(self._binaries, home.account))
        ensure_cluster(home, self._service.binaries, durable=self._durable)
        found = self._service.running()
        if found and self._durable and throws_away(home.data):
            if not users.alone():
                raise EmbeddedPostgresFailed(
                    f"Others use the PostgreSQL of {self.directory} without durability, as tests do: "
                    "end them first, or choose another data directory."
                )
            self._service.stop()
            found = None
        return found or self._service.start(durable=self._durable)

    def _part(self, users: Membership) -> None:
        self._users = None
        try:
            if self._service is not None and users.alone():
                self._service.stop()
        finally:
            users.leave()


def _found(directory: Path) -> None:
    """Make the directory where it is missing; one that exists keeps its mode."""
    if not directory.is_dir():
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o755 if os.geteuid() == 0 else 0o700)


def _address(found: Postmaster) -> Address:
    return Address(found.socket_folder, found.port)
