import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from adapters.postgres.embedded.failure import EmbeddedPostgresFailed

KEPT = (
    "PATH",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
)  # the rest, secrets among it, is not the server's business


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system's user that the server runs as: PostgreSQL refuses to be root."""

    uid: int
    gid: int

    @classmethod
    def serving(cls, data: Path) -> Self:
        """Return this process's own user; for root the owner of the data, or nobody where there is none yet."""
        owner = data.stat() if data.exists() else None
        if os.geteuid() != 0:
            if owner and owner.st_uid != os.geteuid():
                raise EmbeddedPostgresFailed(
                    f"{data} belongs to another user (number {owner.st_uid}): "
                    "start Plimsoll as that user or as root, or choose another data directory."
                )
            return cls(os.geteuid(), os.getegid())
        if owner:
            if owner.st_uid == 0:
                raise EmbeddedPostgresFailed(
                    f"{data} belongs to root, and PostgreSQL refuses to run as root: "
                    f'give it to another user, as in "chown -R nobody {data}".'
                )
            return cls(owner.st_uid, owner.st_gid)
        return cls._nobody()

    @classmethod
    def _nobody(cls) -> Self:
        try:
            entry = pwd.getpwnam("nobody")
        except KeyError:
            raise EmbeddedPostgresFailed(
                "PostgreSQL refuses to run as root, and this machine has no user nobody to run it as: "
                "start Plimsoll as another user, or point DATABASE_URL at a server of your own."
            ) from None
        return cls(entry.pw_uid, entry.pw_gid)

    @property
    def other(self) -> bool:
        """Say whether this is not the user of the present process."""
        return self.uid != os.geteuid()

    def own(self, path: Path) -> None:
        """Make the path this user's; it must lie in a folder that belongs to the present process."""
        if self.other:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def enters(self, folder: Path) -> bool:
        """Say whether this user may pass through every folder on the way to this one."""
        return not self.other or self.run("/bin/sh", "-c", 'cd -- "$1"', "sh", folder).returncode == 0

    def run(
        self, *command: str | Path, output: int = subprocess.PIPE, inherits: tuple[int, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, away from anybody's folders; its output goes to an open file.

        The pipe that is the default is only for programs that leave nothing running: a server
        would inherit it, and its reader would wait for ever.
        """
        return subprocess.run(  # noqa: S603 - no shell, and every program is PostgreSQL's or /bin/sh
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            pass_fds=inherits,
            cwd="/",
            env={name: os.environ[name] for name in KEPT if name in os.environ}
            | {"LC_ALL": "C", "TZ": "UTC"},
            user=self.uid if self.other else None,
            group=self.gid if self.other else None,
            extra_groups=[] if self.other else None,
            umask=0o077,
        )
