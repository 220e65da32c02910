import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.integration.embedded.user import User, end

from adapters.postgres.embedded.home import home_folder
from adapters.postgres.embedded.server import EmbeddedPostgres


@pytest.fixture
def parent() -> Iterator[Path]:
    """A short folder that everybody may enter, unlike pytest's own; nothing there outlives the test."""
    with _folder() as folder:
        yield folder


@pytest.fixture
def fresh(parent: Path) -> Path:
    """A directory without a database, and without itself."""
    return parent / "database"


@pytest.fixture(scope="session")
def made() -> Iterator[Path]:
    with _folder() as folder:
        directory = folder / "database"
        with EmbeddedPostgres(directory, durable=False):
            pass
        yield directory


@pytest.fixture
def directory(made: Path) -> Iterator[Path]:
    """A directory whose database exists, and does not run yet."""
    yield made
    end(made)


@pytest.fixture
def enter() -> Iterator[Callable[[Path], User]]:
    """Let another process become a user of a directory's server, until the test ends at the latest."""
    users: list[User] = []

    def enter(directory: Path) -> User:
        users.append(User(directory))
        return users[-1]

    yield enter
    for user in users:
        if user.process.poll() is None:
            user.kill()


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="plimsoll-test-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    for lock in folder.rglob("users.lock"):
        end(lock.parent)
        home = home_folder(lock.parent)
        if not home.is_relative_to(folder):
            shutil.rmtree(home)
        far = home / "socket"
        if far.is_symlink():
            shutil.rmtree(far.readlink(), ignore_errors=True)
    shutil.rmtree(folder)
