import os
from collections.abc import Callable
from pathlib import Path

from tests.integration.embedded.user import User, ask, postmaster_of, superuser

from adapters.postgres.embedded.server import EmbeddedPostgres


def test_six_processes_that_start_at_once_share_one_server_and_the_last_one_out_stops_it(
    fresh: Path, enter: Callable[[Path], User]
) -> None:
    users = [enter(fresh) for _ in range(6)]
    servers = {ask(user.conninfo(), "SELECT pg_postmaster_start_time()::text") for user in users}
    assert len(servers) == 1
    for user in users[:-1]:
        user.leave()
    address = EmbeddedPostgres(fresh).status()
    assert address is not None
    assert ask(superuser(address), "SELECT 1") == 1
    users[-1].leave()
    assert postmaster_of(fresh) is None


def test_six_processes_that_come_and_go_never_find_the_server_gone(
    directory: Path, enter: Callable[[Path], User]
) -> None:
    with EmbeddedPostgres(directory, durable=False) as address:
        began = ask(superuser(address), "SELECT pg_postmaster_start_time()::text")
        users = [enter(directory) for _ in range(6)]
        for user in users:
            assert ask(user.conninfo(), "SELECT pg_postmaster_start_time()::text") == began
            user.leave()
    assert EmbeddedPostgres(directory).status() is None


def test_a_killed_user_leaves_the_server_to_the_others_and_the_last_one_out_still_stops_it(
    directory: Path, enter: Callable[[Path], User]
) -> None:
    killed, other = enter(directory), enter(directory)
    killed.conninfo()
    address = other.conninfo()
    killed.kill()
    assert ask(address, "SELECT 1") == 1
    other.leave()
    assert postmaster_of(directory) is None


def test_the_server_of_a_killed_lone_user_is_taken_over_by_the_next(
    directory: Path, enter: Callable[[Path], User]
) -> None:
    alone = enter(directory)
    alone.conninfo()
    alone.kill()
    left = postmaster_of(directory)
    with EmbeddedPostgres(directory, durable=False):
        assert postmaster_of(directory) == left
    assert postmaster_of(directory) is None


def test_two_users_in_one_process_count_as_two(directory: Path) -> None:
    with EmbeddedPostgres(directory, durable=False) as address:
        with EmbeddedPostgres(directory, durable=False) as same:
            assert same == address
        assert ask(superuser(address), "SELECT 1") == 1
    assert postmaster_of(directory) is None


def test_a_forked_child_does_not_leave_in_the_name_of_its_parent(directory: Path) -> None:
    server = EmbeddedPostgres(directory, durable=False)
    address = server.start()
    child = os.fork()
    if child == 0:
        server.stop()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    with EmbeddedPostgres(directory, durable=False):
        pass
    assert ask(superuser(address), "SELECT 1") == 1
    server.stop()
    assert postmaster_of(directory) is None
