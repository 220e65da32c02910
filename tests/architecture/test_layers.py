import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")


def test_every_import_points_down() -> None:
    outcome = lint(ROOT)
    assert outcome.returncode == 0, outcome.stdout


def test_a_library_in_the_domain_is_refused(tmp_path: Path) -> None:
    copied = copy_of_the_sources(tmp_path)
    (copied / "src/domain/shared/stray.py").write_text("import sqlalchemy\n")
    outcome = lint(copied)
    assert outcome.returncode == 1
    assert "domain.shared.stray -> sqlalchemy" in outcome.stdout


def test_an_import_that_points_up_is_refused(tmp_path: Path) -> None:
    copied = copy_of_the_sources(tmp_path)
    (copied / "src/application/shared/stray.py").write_text("import entrypoints\n")
    outcome = lint(copied)
    assert outcome.returncode == 1
    assert "application.shared.stray -> entrypoints" in outcome.stdout


def copy_of_the_sources(directory: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", directory)
    shutil.copytree(ROOT / "src", directory / "src", ignore=shutil.ignore_patterns("__pycache__"))
    return directory


def lint(directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT_IMPORTS, "--no-logo", "--no-cache"],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(directory / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
