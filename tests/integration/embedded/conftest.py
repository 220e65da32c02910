import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.integration.embedded.user import User, end

from adapters.postgres.embedded.home import home_folder


@pytest.fixture
def parent() -> Iterator[Path]:
    """A short folder that everybody may enter, unlike pytest's own; nothing there outlives the test."""
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


@pytest.fixture
def directory(parent: Path) -> Path:
    return parent / "database"


@pytest.fixture
def enter(directory: Path) -> Iterator[Callable[[], User]]:
    users: list[User] = []

    def enter() -> User:
        users.append(User(directory))
        return users[-1]

    yield enter
    for user in users:
        if user.process.poll() is None:
            user.kill()
