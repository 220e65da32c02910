import os
import shutil
import tempfile
from pathlib import Path

from adapters.postgres.embedded.address import SUPERUSER
from adapters.postgres.embedded.binaries import Binaries
from adapters.postgres.embedded.failure import EmbeddedPostgresFailed
from adapters.postgres.embedded.home import Home
from adapters.postgres.embedded.log import Log

DRAFT = "data.new-"


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
    """Run initdb beside the final place, so that data appear whole or not at all."""
    for abandoned in home.folder.glob(f"{DRAFT}*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=home.folder))
    try:
        home.account.own(draft)
        log = Log(home.log)
        outcome = log.keep(
            home.account, binaries.program("initdb"), "-D", draft, *_options(binaries, durable=durable)
        )
        if outcome != 0:
            raise log.failure(f"PostgreSQL could not make a database in {home.folder}")
        draft.rename(home.data)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    if durable:
        _remember_names(home.folder)


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
    return options if durable else [*options, "--no-sync"]


def _remember_names(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
