import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel
from typer.core import TyperGroup
from typer.main import get_command

from entrypoints.cli.app import app
from entrypoints.settings import ChainSettings, HttpSettings, Settings, SmtpSettings, TelegramSettings

ROOT = Path(__file__).parents[2]
HOST = re.compile(r"\w://|--(?:extra-)?index-url|--find-links|\"resolved\"")
MACHINE_PATH = re.compile(r"(?<![\w.~*})\]-])/(?:work|root|home|Users)/\w")
FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
COMMAND = re.compile(r"\bplimsoll ([a-z]+)(?: ([a-z][a-z-]+))?")
CODE = re.compile(r"^(```|~~~)(.*?)^\1|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
SECTIONS = ["Context", "Decision", "Consequences", "Alternatives"]


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode != 0:
        pytest.skip(f"this is no git checkout: {listing.stderr.strip()}")
    return [path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_no_lock_file_names_a_host(tracked: list[Path]) -> None:
    locks = [path for path in tracked if path.name.endswith((".lock", "-lock.json"))]
    assert {"requirements.lock", "package-lock.json"} <= {path.name for path in locks}
    thanks = re.compile(r'"url": "https://[^"]+"$')  # whom a package asks to be funded through
    named = [line for path in locks for line in lines_with(HOST, path)]
    assert [line for line in named if not thanks.search(line)] == []


def test_the_lock_file_of_the_node_packages_agrees_with_their_list() -> None:
    listed = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for kind in ("dependencies", "devDependencies"):
        assert locked[""][kind] == listed[kind]
        assert {name: locked[f"node_modules/{name}"]["version"] for name in listed[kind]} == listed[kind]
    assert all("integrity" in package for place, package in locked.items() if place)


def test_no_file_names_a_place_on_one_machine(tracked: list[Path]) -> None:
    assert [line for path in tracked for line in lines_with(MACHINE_PATH, path)] == []


def test_every_relative_link_leads_somewhere(tracked: list[Path]) -> None:
    pages = [path for path in tracked if path.suffix == ".md"]
    assert [f"{page.relative_to(ROOT)}: {link}" for page in pages for link in dead_links(page)] == []


def test_every_decision_record_has_its_four_sections(tracked: list[Path]) -> None:
    records = [path for path in tracked if path.match("docs/decisions/[0-9]*.md")]
    assert records
    found = {
        path.name: re.findall(r"^## (.+?)\s*$", path.read_text(encoding="utf-8"), re.MULTILINE)
        for path in records
    }
    assert found == dict.fromkeys(found, SECTIONS)


def test_the_index_lists_every_decision_record_once(tracked: list[Path]) -> None:
    records = [path.name for path in tracked if path.match("docs/decisions/[0-9]*.md")]
    index = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    assert sorted(LINK.findall(index)) == sorted(records)
    assert len({name[:4] for name in records}) == len(records)


def test_the_example_of_settings_lists_every_setting() -> None:
    listed = set(
        re.findall(r"^# ([A-Z_0-9]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert sorted({*named(Settings, "PLIMSOLL_")} - listed) == []


def test_every_command_that_a_page_names_exists(tracked: list[Path]) -> None:
    pages = [path for path in tracked if path.suffix == ".md"]
    told = {(page.name, *found) for page in pages for found in commands_in(page)}
    assert {("README.md", "audit", "replay"), ("README.md", "up", "")} <= told
    assert [one for one in sorted(told) if not exists(*one[1:])] == []


def named(section: type[BaseModel], prefix: str) -> Iterator[str]:
    """Yield the variables of a section of the settings; a chain's are shown by that of chain 1."""
    inside: dict[str, tuple[str, type[BaseModel]]] = {
        "chains": ("CHAINS__1__", ChainSettings),
        "http": ("HTTP__", HttpSettings),
        "telegram": ("TELEGRAM__", TelegramSettings),
        "smtp": ("SMTP__", SmtpSettings),
    }
    for name in section.model_fields:
        if section is Settings and name in inside:
            yield from named(inside[name][1], prefix + inside[name][0])
        else:
            yield "DATABASE_URL" if name == "database_url" else prefix + name.upper()


def commands_in(page: Path) -> list[tuple[str, str]]:
    code = [fenced or inline for _, fenced, inline in CODE.findall(page.read_text(encoding="utf-8"))]
    return [found for text in code for found in COMMAND.findall(text)]


def exists(name: str, below: str) -> bool:
    program = get_command(app)
    assert isinstance(program, TyperGroup)
    found = program.commands.get(name)
    return below in found.commands if isinstance(found, TyperGroup) and below else found is not None


def lines_with(pattern: re.Pattern[str], path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    place = path.relative_to(ROOT)
    return [
        f"{place}:{number}: {line.strip()[:120]}"
        for number, line in enumerate(lines, 1)
        if pattern.search(line)
    ]


def dead_links(page: Path) -> list[str]:
    targets = LINK.findall(FENCED.sub("", page.read_text(encoding="utf-8")))
    return [
        target for target in targets if is_relative(target) and not (page.parent / file_of(target)).exists()
    ]


def is_relative(target: str) -> bool:
    return not re.match(r"[a-z][a-z0-9+.-]*:|#", target, re.IGNORECASE)


def file_of(target: str) -> str:
    return target.partition("#")[0]
