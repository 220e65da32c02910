import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.integration.embedded.user import ENVIRONMENT, postmaster_of

from adapters.postgres.embedded.account import Account
from adapters.postgres.embedded.failure import EmbeddedPostgresFailed
from adapters.postgres.embedded.home import home_folder
from adapters.postgres.embedded.server import EmbeddedPostgres

# Mounts a small disk of its own, seen by no other process, and starts a server there.
ON_A_DISK = """
import subprocess, sys
from pathlib import Path
from adapters.postgres.embedded.failure import EmbeddedPostgresFailed
from adapters.postgres.embedded.server import EmbeddedPostgres
disk, options = sys.argv[1:]
if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk], capture_output=True).returncode:
    sys.exit(77)
server = EmbeddedPostgres(Path(disk, "database"), durable=False)
try:
    with server:
        pass
    with Path(disk, "hog").open("wb", buffering=0) as hog:
        while hog.write(bytes(4096)) == 4096:
            pass
except EmbeddedPostgresFailed as failure:
    sys.exit(print(failure))
except OSError:
    pass
try:
    with server:
        pass
except EmbeddedPostgresFailed as failure:
    print(failure)
"""


def test_data_of_another_major_version_are_left_alone(directory: Path) -> None:
    version = home_folder(directory) / "data" / "PG_VERSION"
    ours = version.read_text()
    version.write_text("15\n")
    with pytest.raises(EmbeddedPostgresFailed, match="made by PostgreSQL 15, and this is PostgreSQL 18"):
        EmbeddedPostgres(directory, durable=False).start()
    assert version.read_text() == "15\n"
    version.write_text(ours)


def test_a_folder_that_is_no_database_is_left_alone(fresh: Path) -> None:
    precious = fresh / "data" / "precious.txt"
    precious.parent.mkdir(parents=True)
    precious.touch()
    if os.geteuid() == 0:
        shutil.chown(precious.parent, "nobody")
    with pytest.raises(EmbeddedPostgresFailed, match="is not a database of PostgreSQL"):
        EmbeddedPostgres(fresh).start()
    assert precious.exists()


def test_a_file_in_the_place_of_the_directory_is_named(fresh: Path) -> None:
    fresh.touch()
    with pytest.raises(EmbeddedPostgresFailed, match=f"{fresh} cannot hold a database .*File exists"):
        EmbeddedPostgres(fresh).start()


def test_a_name_that_a_shell_would_read_as_a_command_is_refused(parent: Path) -> None:
    with pytest.raises(EmbeddedPostgresFailed, match="dollar signs"):
        EmbeddedPostgres(parent / "$(touch harm)").start()


def test_other_programs_must_be_there(fresh: Path, parent: Path) -> None:
    with pytest.raises(EmbeddedPostgresFailed, match="has no initdb, pg_ctl, postgres: PLIMSOLL_PG_BIN"):
        EmbeddedPostgres(fresh, binaries=parent).start()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            "ro",
            r"^Plimsoll may not use \S+/database .*Read-only file system.*choose another data directory\.$",
        ),
        ("size=4m", r"because the disk is full .*: free some space and try again\.$"),
        ("size=100m", r"did not start, because the disk is full .*: free some space and try again\.$"),
        ("nr_inodes=2", r"^The disk of \S+/database is full: free some space"),
    ],
)
def test_a_read_only_or_full_disk_is_told_in_a_sentence(parent: Path, options: str, sentence: str) -> None:
    unshare = shutil.which("unshare")
    if unshare is None or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a disk")
    answer = subprocess.run(
        [unshare, "--mount", sys.executable, "-c", ON_A_DISK, parent, options],
        check=False,
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
    )
    if answer.returncode == 77:
        pytest.skip("this machine lets nobody mount a disk")
    assert answer.returncode == 0, answer.stderr
    assert not answer.stderr
    assert re.search(sentence, answer.stdout.strip())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_that_one_may_not_write_to_is_told_in_a_sentence(parent: Path) -> None:
    parent.chmod(0o555)
    with pytest.raises(EmbeddedPostgresFailed, match=r"may not use .*Permission denied"):
        EmbeddedPostgres(parent / "database").start()


def test_people_never_share_the_server_of_a_test_that_may_lose_their_data(directory: Path) -> None:
    with EmbeddedPostgres(directory, durable=False):
        with pytest.raises(EmbeddedPostgresFailed, match="without durability"):
            EmbeddedPostgres(directory).start()
        assert postmaster_of(directory) is not None


def test_programs_that_fail_leave_no_one_waiting(fresh: Path, parent: Path) -> None:
    programs = parent / "programs"
    programs.mkdir()
    for name in ("initdb", "pg_ctl", "postgres"):
        program = programs / name
        program.write_text(
            "#!/bin/sh\n[ $1 = --version ] && echo 'postgres (PostgreSQL) 18.4' && exit\nexit 3\n"
        )
        program.chmod(0o755)
    assert Account.serving(fresh).run(programs / "initdb").returncode == 3
    with pytest.raises(EmbeddedPostgresFailed, match=r"could not make a database .*postgresql\.log"):
        EmbeddedPostgres(fresh, binaries=programs).start()
    assert {left.name for left in fresh.iterdir()} == {"postgresql.log", "start.lock", "users.lock"}
