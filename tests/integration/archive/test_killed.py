import os
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from tests.fixtures.database import Database
from tests.integration.archive import killed
from tests.integration.archive.shelf import Shelf
from tests.integration.postgres.partitions import use_small_partitions

from adapters.seals.keys import KeyRing, new_key
from application.shared.ports import Place

ROOT = Path(killed.__file__).parents[3]
STRIDE = int(os.environ.get("PLIMSOLL_TEST_STRIDE", "5"))
"""The step before which the process is killed the first time: with 2, it dies before nearly every step there is."""


@pytest.mark.timeout(600)
async def test_an_archive_that_is_killed_anywhere_goes_on_and_loses_nothing(
    shelf: Shelf, database: Database, tmp_path: Path
) -> None:
    use_small_partitions(shelf.admin_url, 10)
    key = tmp_path / "seal.pem"
    key.write_bytes(new_key())
    ring = KeyRing.read(key.read_bytes())
    assert ring.signing is not None
    shelf.keys = ring.signing, ring.trusted
    await shelf.write(4, 8, 3, 9, 1)
    await shelf.seal()
    before = await everything(shelf)

    deaths = 0
    while True:
        status = run(database, shelf.path, key, STRIDE + deaths // 4)
        assert status in {0, -signal.SIGKILL}
        assert await everything(shelf) == before
        assert (await shelf.verify()).findings == ()
        no_half_file(shelf)
        if status == 0:
            break
        deaths += 1
    assert deaths >= 20 // STRIDE
    assert shelf.partitions()[0] == "events_from_21"
    assert (await shelf.verify_export()).untouched


def run(database: Database, folder: Path, key: Path, fatal: int) -> int:
    command = [sys.executable, "-m", killed.__name__, database.admin_url, database.worker_url]
    return subprocess.run(
        [*command, str(folder), str(key), str(fatal)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        stdin=subprocess.DEVNULL,
        timeout=100,
        check=False,
    ).returncode


async def everything(shelf: Shelf) -> list[object]:
    async with shelf.database.begin(None) as work:
        return list(await work.facts.after(Place(0), limit=100))


def no_half_file(shelf: Shelf) -> None:
    """Assert that every file that the manifest tells of is whole."""
    if (shelf.path / "manifest.json").exists():
        said = shelf.manifest()
        files = [*said["events"], *said["commits"], *([said["seals"]] if said["seals"] else [])]
        for file in files:
            assert sha256((shelf.path / file["file"]).read_bytes()).hexdigest() == file["sha256"]
