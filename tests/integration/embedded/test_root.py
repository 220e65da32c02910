import importlib.metadata
import os
import pwd
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.integration.embedded.user import ask, postmaster_of, superuser

from adapters.postgres.embedded.account import Account
from adapters.postgres.embedded.binaries import BIN, PACKAGE, WHEEL, find_binaries
from adapters.postgres.embedded.failure import EmbeddedPostgresFailed
from adapters.postgres.embedded.home import Home, home_folder
from adapters.postgres.embedded.server import EmbeddedPostgres
from adapters.postgres.embedded.shared_copy import shared_copy

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="says what happens when root starts the server")


def test_root_has_nobody_serve_and_no_parent_changes_its_mode(parent: Path) -> None:
    private = parent / "private"
    private.mkdir(mode=0o700)
    directory = parent / "new" / "database"
    above = [parent, private, *parent.parents]
    modes = [folder.stat().st_mode for folder in above]
    with EmbeddedPostgres(directory, durable=False):
        found = postmaster_of(directory)
        assert found is not None
        assert Path(f"/proc/{found.pid}").stat().st_uid == pwd.getpwnam("nobody").pw_uid
        assert stat.S_IMODE(found.socket_folder.stat().st_mode) == 0o700
    assert [folder.stat().st_mode for folder in above] == modes


def test_where_nobody_cannot_enter_the_data_live_elsewhere_and_are_found_again(parent: Path) -> None:
    private = parent / "private"
    private.mkdir(mode=0o700)
    directory = private / "database"
    with EmbeddedPostgres(directory, durable=False) as address:
        ask(superuser(address), "CREATE TABLE kept AS SELECT 42 AS answer")
    with EmbeddedPostgres(directory, durable=False) as address:
        assert ask(superuser(address), "SELECT answer FROM kept") == 42
    assert home_folder(directory) == (directory / "elsewhere").readlink()
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_a_throwaway_home_that_nothing_leads_to_any_more_is_swept(parent: Path) -> None:
    parent.chmod(0o700)
    forgotten, next_one = parent / "forgotten", parent / "next"
    with EmbeddedPostgres(forgotten, durable=False):
        pass
    home = home_folder(forgotten)
    (forgotten / "elsewhere").unlink()
    next_one.mkdir()
    (next_one / "users.lock").touch()
    assert Home.settle(next_one, durable=False).folder.parent == home.parent
    assert not home.exists()


def test_data_that_belong_to_root_are_refused_with_the_way_out(fresh: Path) -> None:
    (fresh / "data").mkdir(parents=True)
    with pytest.raises(EmbeddedPostgresFailed, match="chown -R nobody"):
        EmbeddedPostgres(fresh).start()


def test_the_copy_for_others_is_made_whole_by_many_at_once_and_runs(parent: Path) -> None:
    account = Account.serving(parent / "none")
    package = _package()
    closed = parent / "closed"
    closed.mkdir()
    with ThreadPoolExecutor(4) as pool:
        copies = set(pool.map(lambda _: shared_copy(package, "1.2.3", closed), range(4)))
    (copy,) = copies
    assert [shelf.name for shelf in closed.iterdir()] == ["postgresql-1.2.3"]
    assert find_binaries(copy / BIN, account).major == 18
    assert account.run(copy / BIN / "initdb", "--version").returncode == 0
    closed.chmod(0o700)
    with pytest.raises(EmbeddedPostgresFailed, match="does not run for user number"):
        find_binaries(copy / BIN, account)


def _package() -> Path:
    return Path(str(importlib.metadata.distribution(WHEEL).locate_file(PACKAGE)))
