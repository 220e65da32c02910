import pytest
from tests.integration.cli.conftest import Run

COMMANDS = ["demo", "up", "serve", "work", "watch", "db", "audit", "version"]


def test_the_help_lists_every_command_with_a_sentence(plimsoll: Run) -> None:
    ran = plimsoll("--help")
    assert ran.status == 0
    assert all(command in ran.out for command in COMMANDS)


@pytest.mark.parametrize(
    ("command", "taught"),
    [
        (["watch"], ["PLIMSOLL_CHAINS__1__RPC_URL", "--json", "$ plimsoll watch"]),
        (["up"], ["PLIMSOLL_DATA_DIR", "DATABASE_URL", "$ plimsoll up"]),
        (["db", "migrate"], ["DATABASE_URL", "$ plimsoll db migrate"]),
        (["audit", "replay"], ["exit status", "--json", "$ plimsoll audit replay"]),
        (["audit"], ["Read the log", "Prove it", "Keep it", "$ plimsoll audit log"]),
        (["audit", "log"], ["--correlation", "--reverse", "2h ago", "$ plimsoll audit log"]),
        (["audit", "diff"], ["--from", "--to", "$ plimsoll audit diff"]),
        (["audit", "as-of"], ["position", "--time", "$ plimsoll audit as-of"]),
        (["audit", "explain"], ["exit status", "--onchain", "$ plimsoll audit explain"]),
        (["demo"], ["--once", "--json", "$ plimsoll demo"]),
    ],
)
def test_each_help_teaches_by_variables_and_examples(
    plimsoll: Run, command: list[str], taught: list[str]
) -> None:
    ran = plimsoll(*command, "--help")
    assert ran.status == 0
    assert [word for word in taught if word not in ran.out] == []


def test_the_version_reads_as_json(plimsoll: Run) -> None:
    assert set(plimsoll("version", "--json").json) == {"plimsoll", "python"}


def test_the_version_is_told_to_whoever_asks_with_an_option(plimsoll: Run) -> None:
    ran = plimsoll("--version")
    assert ran.status == 0
    assert ran.out == plimsoll("version").out


def test_a_command_that_there_is_not_is_a_wrong_use(plimsoll: Run) -> None:
    plimsoll("sail").refuses_with("No such command 'sail'", status=2)


def test_a_summary_needs_an_end(plimsoll: Run) -> None:
    plimsoll("demo", "--json").refuses_with("needs --once", status=2)
