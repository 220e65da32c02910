import os
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What a server says about itself in its postmaster.pid, which a killed one leaves behind."""

    pid: int
    socket_folder: Path
    port: int
    status: str

    @classmethod
    def recorded(cls, data: Path) -> Self | None:
        """Return what is recorded, whether true or stale; None where nothing whole is."""
        try:
            lines = _pid_file(data).read_text().splitlines()
        except FileNotFoundError:
            return None
        if len(lines) < 5 or not (lines[0].isdecimal() and lines[3].isdecimal()):
            return None
        status = lines[7].strip() if len(lines) > 7 else "starting"
        return cls(int(lines[0]), Path(lines[4]), int(lines[3]), status)

    @classmethod
    def alive(cls, data: Path) -> Self | None:
        """Return the record of a server that really runs on this data, ready or not."""
        found = cls.recorded(data)
        return found if found and (found.answers() or _serves(found.pid, data)) else None

    @property
    def ready(self) -> bool:
        """Say whether it takes connections: neither starting, recovering nor stopping."""
        return self.status == "ready" and self.answers()

    @property
    def socket(self) -> Path:
        """The socket's own path."""
        return self.socket_folder / f".s.PGSQL.{self.port}"

    def answers(self) -> bool:
        """Say whether somebody listens at its socket."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
            try:
                caller.connect(str(self.socket))
            except OSError:
                return False
        return True


def forget_impostor(data: Path) -> None:
    """Remove the lock files of a killed server whose number now belongs to something that is no server.

    After a restart of the machine or container such a number is often taken again, and a killed
    server may stay behind as a zombie; PostgreSQL would take either for itself and refuse to
    start. A number that belongs to nobody is left for PostgreSQL to judge.
    """
    found = Postmaster.recorded(data)
    if found is None or found.answers() or "postgres" in _command_of(found.pid):
        return
    try:
        os.kill(found.pid, 0)
    except ProcessLookupError:
        return
    except PermissionError:
        pass
    _pid_file(data).unlink(missing_ok=True)
    found.socket.with_name(f"{found.socket.name}.lock").unlink(missing_ok=True)


def _serves(pid: int, data: Path) -> bool:
    return f"postgres -D {data} " in _command_of(pid)


def _pid_file(data: Path) -> Path:
    return data / "postmaster.pid"


def _command_of(pid: int) -> str:
    """Return a process's command line; empty for one that is dead, a zombie, or hidden."""
    if (PROC / "self" / "cmdline").exists():
        try:
            return os.fsdecode((PROC / str(pid) / "cmdline").read_bytes()).replace("\0", " ")
        except OSError:
            return ""
    listing = subprocess.run(  # noqa: S603 - a number is the only argument that varies
        ["/bin/ps", "-p", str(pid), "-o", "command="],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    return listing.stdout
