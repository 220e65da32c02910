import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.fixtures.secrets import SECRET_KEYS

PLIMSOLL = Path(sys.executable).with_name("plimsoll")
NOBODY_IS_THERE = "postgresql://plimsoll:hunter2secret@127.0.0.1:1/plimsoll"


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def refuses_with(self, *words: str, status: int = 1) -> None:
        assert self.status == status, self
        assert "Traceback" not in self.err + self.out, self
        said = " ".join(self.err.split())
        assert all(word in said for word in words), said


Run = Callable[..., Ran]


@pytest.fixture
def plimsoll(tmp_path: Path) -> Run:
    """Runs the command line as somebody would whose environment holds nothing but what is given."""

    def run(*arguments: str, **environment: str) -> Ran:
        clean = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        own = {
            "COLUMNS": "200",
            "PLIMSOLL_DATA_DIR": str(tmp_path / "data"),
            "PLIMSOLL_DURABLE": "false",
            "PLIMSOLL_SECRET_KEYS": SECRET_KEYS,
        }
        done = subprocess.run(
            [PLIMSOLL, *arguments],
            cwd=tmp_path,
            env={**clean, **own, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run
