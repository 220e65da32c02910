import os
import re
import shutil
from pathlib import Path

from adapters.postgres.embedded.account import Account
from adapters.postgres.embedded.failure import EmbeddedPostgresFailed

LARGEST = 8 * 1024 * 1024  # bytes
FULL = "No space left on device"
COMPLAINT = re.compile(r"^.*?(?:PANIC|FATAL|error|fatal): +(?P<text>.+)$")


class Log:
    """The one file that takes what PostgreSQL's programs print, and what of it is new since a moment."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._seen = file.stat().st_size

    def keep(self, account: Account, *command: str | Path, inherits: tuple[int, ...] = ()) -> int:
        """Run a program with its output here, and return its exit status."""
        with self.file.open("ab") as output:
            return account.run(*command, output=output.fileno(), inherits=inherits).returncode

    def news(self) -> str:
        """Return what was written since this object was made."""
        with self.file.open("rb") as written:
            written.seek(self._seen)
            return written.read().decode(errors="replace")

    def complaints(self) -> list[str]:
        """Return why things failed, as far as the programs said so."""
        return [
            found["text"].strip() for line in self.news().splitlines() if (found := COMPLAINT.match(line))
        ]

    def failure(self, what: str, needs: int) -> EmbeddedPostgresFailed:
        """Say what failed, why by its first complaint, and where to read the rest.

        It needs so many bytes of the disk; where they are missing, so may be the complaint about it.
        """
        news = self.news()
        complaints = self.complaints()
        why = f" ({complaints[0]})" if complaints else ""
        if FULL in news or _room(self.file) < needs:
            return EmbeddedPostgresFailed(
                f"{what}, because the disk is full{why}: free some space and try again."
            )
        return EmbeddedPostgresFailed(f"{what}{why}: mend what {self.file} tells, and try again.")


def _room(file: Path) -> int:
    disk = os.statvfs(file)
    return 0 if disk.f_files > 0 and disk.f_favail == 0 else disk.f_bavail * disk.f_frsize


def shorten(file: Path) -> None:
    """Put aside what a log holds once it has grown large; nobody may be writing to it."""
    if file.stat().st_size > LARGEST:
        shutil.copy(file, file.with_name(f"{file.name}.1"))
        os.truncate(file, 0)
