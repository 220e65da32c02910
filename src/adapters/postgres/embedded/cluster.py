import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.postgres.embedded.address import SUPERUSER
from adapters.postgres.embedded.binaries import Binaries
from adapters.postgres.embedded.failure import EmbeddedPostgresFailed
from adapters.postgres.embedded.home import Home
from adapters.postgres.embedded.locks import get_hold
from adapters.postgres.embedded.log import Log

DRAFT = "data.new-"
ROOM = 64 * 1024 * 1024  # bytes that an empty database takes, and some
ORPHAN = 60.0  # seconds that an initdb without its caller gets to end


def ensure_cluster(home: Home, binaries: Binaries, *, durable: bool) -> None:
    """Make the home's data where there are none, and see that the binaries can read them; under the mutex."""
    if home.data.exists():
        _check_version(home.data, binaries)
    else:
        _create(home, binaries, durable=durable)


def _check_version(data: Path, binaries: Binaries) -> None:
    try:
        version = (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise EmbeddedPostgresFailed(
            f"{data} is not a database of PostgreSQL: move it away, or choose another data directory."
        ) from None
    if version != str(binaries.major):
        raise EmbeddedPostgresFailed(
            f"{data} was made by PostgreSQL {version}, and this is PostgreSQL {binaries.major}: name the programs "
            f"of version {version} with PLIMSOLL_PG_BIN, or dump it there and load it into another data directory."
        )


def _create(home: Home, binaries: Binaries, *, durable: bool) -> None:
    """Run initdb beside the final place, so that data appear whole or not at all.

    The draft is locked, and initdb inherits the lock: one whose caller was killed works on, and
    whoever comes next waits for its end before sweeping its draft away.
    """
    for abandoned in home.folder.glob(f"{DRAFT}*"):
        with _opened(abandoned) as lock:
            if get_hold(lock, ORPHAN):
                shutil.rmtree(abandoned, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=home.folder))
    log = Log(home.log)
    command: tuple[str | Path, ...] = (
        binaries.program("initdb"),
        "-D",
        draft,
        *_options(binaries, durable=durable),
    )
    try:
        home.account.own(draft)
        with _opened(draft) as lock:
            get_hold(lock, ORPHAN)
            outcome = log.keep(home.account, *command, inherits=(lock,))
        if outcome != 0:
            raise log.failure(f"PostgreSQL could not make a database in {home.folder}", needs=ROOM)
        draft.rename(home.data)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    if durable:
        with _opened(home.folder) as folder:
            os.fsync(folder)  # or a crash of the machine could undo the renaming


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _options(binaries: Binaries, *, durable: bool) -> list[str]:
    options = [
        f"--username={SUPERUSER}",
        "--encoding=UTF8",
        "--locale=C",
        "--data-checksums",
        "--auth-local=trust",
        "--auth-host=reject",
        "--no-instructions",
    ]
    if binaries.major >= 17:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return options if durable else [*options, "--no-sync", "--wal-segsize=1"]  # small files appear faster
