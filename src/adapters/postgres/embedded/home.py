import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from adapters.postgres.embedded.account import Account
from adapters.postgres.embedded.binaries import free_of_shell_signs
from adapters.postgres.embedded.failure import EmbeddedPostgresFailed, failing_clearly
from adapters.postgres.embedded.postmaster import Postmaster

KEPT_PLACE = Path("/var/lib/plimsoll")
THROWAWAY_PLACE = Path("/var/cache/plimsoll")
LINK = "elsewhere"
ORIGIN = "origin"


@dataclass(frozen=True, slots=True)
class Home:
    """The folder that holds a server's data, log and socket, and the account that serves them.

    It is the data directory itself, except for root where the server's account cannot enter that:
    then it lies below /var, and `elsewhere` in the data directory leads to it. Modes of folders
    that were there before us never change.
    """

    folder: Path
    account: Account

    @property
    def data(self) -> Path:
        """The folder that PostgreSQL calls its data directory."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """The file that takes whatever the server and its tools print."""
        return self.folder / "postgresql.log"

    @classmethod
    def settle(cls, directory: Path, *, durable: bool) -> Self:
        """Find the home of a data directory, or found it; under the mutex."""
        folder = home_folder(directory)
        account = Account.serving(folder / "data")
        if not account.enters(folder):
            if (folder / "data").exists():
                raise EmbeddedPostgresFailed(
                    f"User number {account.uid}, to whom {folder / 'data'} belongs, may not enter {folder}: "
                    "let that user pass through the folders above it."
                )
            folder = _elsewhere(directory, KEPT_PLACE if durable else THROWAWAY_PLACE)
        home = cls(free_of_shell_signs(folder), account)
        home.log.touch(mode=0o600)
        account.own(home.log)
        return home


def home_folder(directory: Path) -> Path:
    """Return the folder where a data directory's server lives, founding nothing."""
    link = directory / LINK
    if not link.is_symlink():
        return directory
    folder = link.readlink()
    if not folder.is_dir():
        raise EmbeddedPostgresFailed(
            f"The database of {directory} was kept in {folder}, which is gone: "
            f"bring it back, or remove {link} to begin an empty one."
        )
    return folder


def _elsewhere(directory: Path, place: Path) -> Path:
    with failing_clearly(place):
        place.mkdir(parents=True, exist_ok=True)
        if place == THROWAWAY_PLACE:
            _sweep(place)
        folder = Path(tempfile.mkdtemp(prefix="home-", dir=place))
        folder.chmod(0o755)
    (directory / LINK).symlink_to(folder)
    (folder / ORIGIN).write_bytes(os.fsencode(directory))
    return folder


def _sweep(place: Path) -> None:
    """Remove throwaway homes that their data directory no longer leads to, and that nobody serves."""
    for origin in place.glob(f"home-*/{ORIGIN}"):
        with suppress(FileNotFoundError):  # another process sweeps as well
            link = Path(os.fsdecode(origin.read_bytes()), LINK)
            led_to = link.is_symlink() and link.readlink() == origin.parent
            if not led_to and Postmaster.alive(origin.parent / "data") is None:
                shutil.rmtree(origin.parent, ignore_errors=True)
