import json
import sys
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.theme import Theme

THEME = Theme(
    {
        "safe": "green",
        "low": "yellow",
        "danger": "bold red",
        "unknown": "magenta",
        "quiet": "dim",
        "figure": "cyan",
        "good": "bold green",
    }
)


def console(*, error: bool = False) -> Console:
    """Return a console that colours a terminal, and writes plain text into anything else."""
    return Console(stderr=error, theme=THEME, highlight=False)


def print_json(answer: Mapping[str, Any], *, lines: bool = False) -> None:
    """Write one JSON object to standard output: on one line, or indented for a person who looks anyway."""
    text = json.dumps(answer, ensure_ascii=False, indent=None if lines else 2, default=str)
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
