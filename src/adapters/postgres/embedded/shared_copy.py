import shutil
import stat
import tempfile
from pathlib import Path

from adapters.postgres.embedded.failure import failing_clearly

CACHE = Path("/var/cache/plimsoll")


def shared_copy(package: Path, version: str, cache: Path = CACHE) -> Path:
    """Return a copy of the wheel's package that every user may read, made once for each version.

    The copy appears whole or not at all, however many processes make it together.
    """
    shelf = cache / f"postgresql-{version}"
    copied = shelf / package.name
    if copied.is_dir():
        return copied
    with failing_clearly(cache):
        cache.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f"{shelf.name}.new-", dir=cache))
        try:
            for part in (package, package.with_name(f"{package.name}.libs")):
                if part.is_dir():
                    shutil.copytree(part, draft / part.name, symlinks=True, ignore=_left_out)
            _open_to_all(draft)
            _publish(draft, shelf)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return copied


def _left_out(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if name in {"include", "pginstall", "__pycache__"} or name.endswith(".a")}


def _open_to_all(folder: Path) -> None:
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(0o755 if stat.S_ISDIR(mode) or mode & stat.S_IXUSR else 0o644)


def _publish(draft: Path, shelf: Path) -> None:
    try:
        draft.rename(shelf)
    except OSError:
        if not shelf.is_dir():
            raise
        # Somebody else's copy came first, and is as good.
