import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from tests.integration.embedded.user import User, ask, end, postmaster_of, superuser

from adapters.postgres.embedded.account import Account
from adapters.postgres.embedded.binaries import find_binaries
from adapters.postgres.embedded.home import home_folder
from adapters.postgres.embedded.server import EmbeddedPostgres


def test_a_killed_server_starts_again_with_what_was_committed(directory: Path) -> None:
    server = EmbeddedPostgres(directory)
    address = superuser(server.start())
    ask(address, "CREATE TABLE kept AS SELECT g AS number FROM generate_series(1, 1000) g")
    with psycopg.connect(address):  # its backend is there when the server dies
        end(directory, signal.SIGKILL)
        assert server.status() is None
        again = superuser(server.start())
    assert ask(again, "SELECT sum(number) FROM kept") == 500500
    server.stop()
    assert postmaster_of(directory) is None


def test_of_many_who_find_the_server_killed_one_restarts_it(
    directory: Path, enter: Callable[[Path], User]
) -> None:
    first = enter(directory)
    first.conninfo()
    end(directory, signal.SIGKILL)
    others = [enter(directory) for _ in range(4)]
    assert len({ask(user.conninfo(), "SELECT pg_postmaster_start_time()::text") for user in others}) == 1
    for user in (first, *others):
        user.leave()
    assert postmaster_of(directory) is None


def test_the_number_of_a_killed_server_may_belong_to_something_else_by_now(directory: Path) -> None:
    server = EmbeddedPostgres(directory, durable=False)
    server.start()
    end(directory, signal.SIGKILL)
    home = home_folder(directory)
    lock_files = [home / "data" / "postmaster.pid", *home.glob("run/*.lock")]
    assert len(lock_files) == 2
    for file in lock_files:
        _, *rest = file.read_text().splitlines(keepends=True)
        file.write_text("".join([f"{os.getpid()}\n", *rest]))
    assert ask(superuser(server.start()), "SELECT 1") == 1
    server.stop()


def test_a_start_that_dies_without_a_word_is_tried_again_also_with_other_programs(
    directory: Path, parent: Path
) -> None:
    ours = find_binaries(None, Account.serving(home_folder(directory) / "data"))
    programs, once = parent / "programs", parent / "once"
    programs.mkdir()
    once.mkdir()
    once.chmod(0o777)
    for name in ("initdb", "postgres"):
        (programs / name).symlink_to(ours.program(name))
    pg_ctl = programs / "pg_ctl"
    pg_ctl.write_text(
        f'#!/bin/sh\nmkdir {once}/died 2> /dev/null && exit 1\nexec {ours.program("pg_ctl")} "$@"\n'
    )
    pg_ctl.chmod(0o755)
    with EmbeddedPostgres(directory, durable=False, binaries=programs) as address:
        assert ask(superuser(address), "SELECT 1") == 1
    assert (once / "died").is_dir()


@pytest.mark.parametrize("moment", [0.2, 0.5])
def test_a_start_killed_half_way_does_not_spoil_the_next(
    fresh: Path, enter: Callable[[Path], User], moment: float
) -> None:
    starting = enter(fresh)
    time.sleep(moment)
    starting.kill()
    with EmbeddedPostgres(fresh, durable=False) as address:
        assert ask(superuser(address), "SELECT 1") == 1
    assert postmaster_of(fresh) is None
    assert not list(home_folder(fresh).glob("data.new-*"))
