import json
import sys
from pathlib import Path

import pytest
from tests.fixtures.database import Database
from tests.fixtures.secrets import SECRET_KEYS
from tests.integration.cli.conftest import Ran, Run
from tests.integration.cli.story import Story, told
from tests.unit.application.market import wallet

from entrypoints.cli.app import main

NOBODY = "0199aaaa-0000-7000-8000-000000000000"


@pytest.fixture
def plimsoll(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command line in this process: dozens of new ones would take a minute."""

    def run(*arguments: str, **environment: str) -> Ran:
        capsys.readouterr()
        with monkeypatch.context() as patch:
            patch.chdir(tmp_path)
            patch.setattr(sys, "argv", ["plimsoll", *arguments])
            for name, value in {"COLUMNS": "200", **environment}.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main()
        printed = capsys.readouterr()
        return Ran(int(ended.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture
async def story(database: Database) -> Story:
    return await told(database)


@pytest.fixture
def url(database: Database) -> dict[str, str]:
    return {"DATABASE_URL": database.admin_url, "PLIMSOLL_SECRET_KEYS": SECRET_KEYS}


def test_the_log_is_paged_and_says_how_to_go_on(plimsoll: Run, url: dict[str, str], story: Story) -> None:
    ran = plimsoll("audit", "log", "--type", "user.", "--type", "wallet.linked", "--limit", "3", **url)
    assert [line.split()[0] for line in ran.out.splitlines()] == ["1", "2", "3"]
    said = ran.err.strip()
    assert "health_factor_low of WETH, high, 0x0000…0001" in plimsoll("audit", "log", **url, COLUMNS="40").out
    assert said == "More follow: plimsoll audit log --type user. --type wallet.linked --limit 3 --after 3"
    rest = plimsoll(*said.partition("plimsoll ")[2].split(), **url)
    assert [line.split()[0] for line in rest.out.splitlines()] == ["4"]
    assert rest.err == ""
    newest = plimsoll("audit", "log", "--reverse", "--limit", "2", "--json", **url).out.splitlines()
    assert [json.loads(line)["position"] for line in newest] == [story.last, story.last - 1]
    everything = plimsoll("audit", "log", "--all", "--json", **url)
    assert len(everything.out.splitlines()) == story.last
    assert everything.err == ""


def test_the_log_is_filtered_by_user_stream_time_and_cause(
    plimsoll: Run, url: dict[str, str], story: Story
) -> None:
    def found(*arguments: str) -> list[dict[str, object]]:
        ran = plimsoll("audit", "log", *arguments, "--json", **url)
        assert ran.status == 0, ran
        return [json.loads(line) for line in ran.out.splitlines()]

    assert {one["user_id"] for one in found("--user", story.alice)} == {story.alice}
    assert [one["type"] for one in found("--stream", story.alert)] == ["alert.raised.v1", "alert.sent.v1"]
    [caused] = found("--correlation", story.cause)
    assert (caused["type"], caused["correlation_id"]) == ("preferences.changed.v1", story.cause)
    assert [one["position"] for one in found("--from", "2", "--to", "3")] == [2, 3]
    assert found("--to", "2001-01-01") == []
    assert len(found("--from", "2001-01-01", "--limit", "5")) == 5


REFUSED: tuple[tuple[list[str], str], ...] = (
    (["log", "--type", "alert.rased"], "the nearest are alert.raised"),
    (["log", "--from", "noon-ish"], "'noon-ish' is no time"),
    (["as-of", "alrt", NOBODY], "did you mean alert?"),
    (["as-of", "alert", "57x"], "'57x' is no id"),
    (["as-of", "alert", NOBODY, "--time", "now", "--position", "2"], "not both"),
    (["as-of", "position", "0x12"], "is not an address"),
    (["as-of", "position", wallet(77)], "had seen no position"),
    (["diff", "--from", "9", "--to", "3"], "name the earlier moment first"),
    (["diff", "user", NOBODY, "--from", "1"], f"There is no user {NOBODY}"),
    (["explain", NOBODY], "There is no alert and no intent"),
    (["explain", "1"], "only these are explained"),
    (["explain", "99999"], "The log has no position 99999"),
    (["explain", "nonsense"], "'nonsense' is no id"),
)


def test_what_cannot_be_answered_is_answered_with_a_sentence(
    plimsoll: Run, url: dict[str, str], story: Story
) -> None:
    assert story.last > 9
    for arguments, words in REFUSED:
        plimsoll("audit", *arguments, **url).refuses_with(words)


def test_a_wallets_position_is_shown_as_it_was(plimsoll: Run, url: dict[str, str], story: Story) -> None:
    ran = plimsoll("audit", "as-of", "position", wallet(1), "--position", "5", "--json", **url)
    [then] = ran.json["markets"]
    assert then["status"] == "known"
    assert then["seen_at"]["covered"] is True
    assert then["values"]["legs[0].reserve.price"] == "200000000000"
    [now] = plimsoll("audit", "as-of", "position", wallet(1), "--json", **url).json["markets"]
    assert now["values"]["legs[0].reserve.price"] == "181000000000"
    assert "health_factor" in plimsoll("audit", "as-of", "position", wallet(1), **url).out
    seen = plimsoll("audit", "as-of", "alert", story.alert, **url)
    assert "folded from the log" in seen.out


def test_two_moments_are_compared(plimsoll: Run, url: dict[str, str], story: Story) -> None:
    one = plimsoll("audit", "diff", "user", story.alice, "--from", "5", "--json", **url).json
    assert {"field": "version", "before": "2", "after": "3"} in one["changes"]
    assert [fact["type"] for fact in one["facts"]] == ["preferences.changed.v1"]
    shown = plimsoll("audit", "diff", "user", story.alice, "--from", "5", **url).out
    assert "preferences.alert_thresholds.health_factor_low" in shown
    everything = plimsoll("audit", "diff", "--from", "5", "--limit", "2", **url)
    assert "alert     1 changed, 1 of them new, by 2 facts" in everything.out
    assert "--limit 2 --after" in everything.err
    kinds = plimsoll("audit", "diff", "--from", "5", "--json", **url).json["states"]
    assert [one["kind"] for one in kinds] == ["signal", "alert", "delivery", "user", "intent"]


def test_what_a_wallet_owned_is_compared(plimsoll: Run, url: dict[str, str], story: Story) -> None:
    ran = plimsoll("audit", "diff", "position", wallet(1), "--from", "5", "--json", **url)
    [market] = ran.json["markets"]
    prices = {one["field"]: (one["before"], one["after"]) for one in market["changes"]}
    assert prices["legs[0].reserve.price"] == ("200000000000", "181000000000")
    assert (market["before"]["status"], market["after"]["status"]) == ("known", "known")
    new = plimsoll("audit", "diff", "position", wallet(1), "--from", "1", **url).out
    assert "before: never seen; after: known, read in block" in new
    same = plimsoll("audit", "diff", "position", wallet(1), "--from", str(story.last), **url).out
    assert "Nothing changed." in same
    plimsoll("audit", "diff", "position", "--from", "1", **url).refuses_with("Name the wallet")


def test_an_alert_is_explained_by_its_id_and_by_any_position_of_its_story(
    plimsoll: Run, url: dict[str, str], story: Story
) -> None:
    named = plimsoll("audit", "explain", story.alert, "--json", **url)
    assert named.status == 0, named
    assert named.json["reproduced"] is True
    prices = [one for one in named.json["inputs"] if one["name"] == "WETH price"]
    assert [(one["value"], one["age_seconds"]) for one in prices] == [("1810 USD", 0.0)]
    assert "price oracle at block" in prices[0]["source"]
    for other in (str(story.delivery_place), story.signal):
        assert plimsoll("audit", "explain", other, "--json", **url).json == named.json
    shown = plimsoll("audit", "explain", story.alert, **url).out
    assert "What it was decided from" in shown
    assert "byte for byte" in shown


def test_an_intent_is_explained_with_its_policies_asked_again(
    plimsoll: Run, url: dict[str, str], story: Story
) -> None:
    ran = plimsoll("audit", "explain", story.intent, "--json", **url)
    assert ran.status == 0, ran
    assert {one["policy"]: one["agrees"] for one in ran.json["policies"]}["own wallet"] is True
    assert "The policies, asked again" in plimsoll("audit", "explain", story.intent, **url).out


def test_a_node_that_cannot_be_asked_is_not_taken_for_an_agreement(
    plimsoll: Run, url: dict[str, str], story: Story, unused_tcp_port: int
) -> None:
    chain = {
        "PLIMSOLL_CHAINS__31337__RPC_URL": f"http://127.0.0.1:{unused_tcp_port}",
        "PLIMSOLL_CHAINS__31337__MARKET": "0x" + "aa" * 20,
    }
    ran = plimsoll("audit", "explain", story.alert, "--onchain", "--json", **url, **chain)
    ran.refuses_with("Nobody knows whether the chain says the same")
    assert (ran.json["onchain"]["verdict"], ran.json["onchain"]["compared"]) == ("unknown", 0)
    assert "cannot be reached" in ran.json["onchain"]["reason"]
    unset = plimsoll("audit", "explain", story.alert, "--onchain", **url)
    unset.refuses_with("Nobody knows whether the chain says the same")
    assert "is not configured" in " ".join(unset.out.split())
    asked = plimsoll("audit", "explain", story.intent, "--onchain", **url)
    assert asked.status == 0
    assert "nothing to ask" in asked.out
