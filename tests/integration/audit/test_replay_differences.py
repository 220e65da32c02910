from dataclasses import replace

import pytest
from tests.fixtures.database import Database
from tests.integration.audit.lived import by_hand
from tests.unit.application.world import World

from application.audit.replaying.report import Difference, DifferenceKind, FieldDifference
from application.shared.ports import Place
from domain.alerts.alert import Alert
from domain.alerts.events import AlertResolved
from domain.shared.errors import Denied
from domain.signals.events import SignalDetected


async def _differences(world: World) -> tuple[Difference, ...]:
    return (await world.replay()).differences


async def test_an_altered_row_is_shown_field_by_field_with_the_last_fact_of_its_history(
    lived: World, database: Database
) -> None:
    alert = (await lived.alerts())[0]
    by_hand(
        database,
        f"UPDATE alerts SET rule_version = 77, message = 'All is well.' WHERE id = '{alert.id}'",
    )
    [found] = await _differences(lived)
    async with lived.begin(None) as work:
        last = (await work.facts.of(alert.id))[-1]
    assert (found.kind, found.id, found.place) == (DifferenceKind.STATE_ALTERED, alert.id, last.place)
    assert found.sentence.endswith("message, rule_version differ.")
    assert f"last fact is {last.type} at place {last.place}" in found.sentence
    assert found.fields == (
        FieldDifference(name="message", shown=False),
        FieldDifference(name="rule_version", shown=True, stored="77", replayed=str(alert.rule_version)),
    )


async def test_what_says_who_somebody_is_is_named_and_not_shown(lived: World, database: Database) -> None:
    by_hand(
        database,
        "UPDATE users SET email = 'mallory@example.org'",
        "UPDATE wallets SET label = 'the secret one', linked_version = linked_version + 7",
    )
    found = await _differences(lived)
    assert {field.name for one in found for field in one.fields} == {"email", "wallets"}
    assert not any(field.shown for one in found for field in one.fields)
    assert "secret" not in str(found)


async def test_even_what_no_code_can_read_is_compared(lived: World, database: Database) -> None:
    by_hand(database, "UPDATE users SET preferences = '{}'", "UPDATE intents SET terms = '{}'")
    found = await _differences(lived)
    assert {field.name for one in found for field in one.fields} == {"preferences"}


async def test_a_field_that_nobody_knows_is_named_with_its_fact(lived: World, database: Database) -> None:
    async with lived.begin(None) as work:
        [detected, *_] = await work.facts.after(Place(0), limit=1, types=(SignalDetected,))
    by_hand(
        database,
        """UPDATE events SET payload = convert_to('{"why":"nobody knows",', 'UTF8') || substr(payload, 2)"""
        f" WHERE position = {detected.place}",
    )
    [found, *_] = await _differences(lived)
    assert (found.kind, found.id, found.place) == (
        DifferenceKind.FACT_ALTERED,
        detected.stream,
        detected.place,
    )
    assert "signal.detected.v1" in found.sentence
    assert "nobody knows" not in str(found)


async def test_rows_deleted_and_invented_are_named(lived: World, database: Database) -> None:
    first, other = (await lived.alerts())[:2]
    by_hand(
        database,
        f"DELETE FROM alerts WHERE id = '{first.id}'",
        f"UPDATE alerts SET id = gen_random_uuid(), signal_id = NULL WHERE id = '{other.id}'",
    )
    kinds = sorted(one.kind for one in await _differences(lived))
    missing, unfounded = DifferenceKind.STATE_MISSING, DifferenceKind.STATE_UNFOUNDED
    assert kinds == sorted([missing, missing, unfounded])


async def test_a_fold_that_was_changed_is_caught_at_the_first_fact_it_treats_otherwise(
    lived: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if somebody had edited `after`: whatever was folded before and is stored no longer follows."""
    real = Alert.after

    def changed(self: Alert, fact: object) -> Alert:
        after = real(self, fact)  # type: ignore[arg-type]
        return replace(after, rule_version=99) if isinstance(fact, AlertResolved) else after

    monkeypatch.setattr(Alert, "after", changed)
    async with lived.begin(None) as work:
        log = await work.facts.after(Place(0), limit=10_000)
    resolved = [one for one in log if isinstance(one.fact, AlertResolved)]
    found = await _differences(lived)
    strayed = [one for one in found if one.kind is DifferenceKind.FINGERPRINT_DIFFERS]
    assert [(one.id, one.place) for one in strayed] == [(one.stream, one.place) for one in resolved]
    altered = [one for one in found if one.kind is DifferenceKind.STATE_ALTERED]
    assert {(one.id, one.place) for one in altered} == {(one.stream, one.place) for one in resolved}
    assert all("where the fold goes another way" in one.sentence for one in altered)


async def test_one_user_alone_is_replayed(lived: World, database: Database) -> None:
    signals = await lived.signals()
    ada, bob = sorted({signal.user_id for signal in signals})
    whole = await lived.replay()
    theirs = [await lived.replays(user=user) for user in (ada, bob)]
    assert all(report.identical for report in theirs)
    assert sum(report.states for report in theirs) == whole.states
    assert sum(report.decisions for report in theirs) == whole.decisions
    mine = [one for one in signals if one.user_id == ada]
    by_hand(database, f"UPDATE signals SET rule_version = 9 WHERE id = '{mine[0].id}'")
    assert (await lived.replays(user=bob)).identical
    assert [one.id for one in (await lived.replays(user=ada)).differences] == [mine[0].id]


async def test_what_was_caused_before_a_place_is_not_reported_after_it(
    lived: World, database: Database
) -> None:
    by_hand(database, "UPDATE alerts SET rule_version = 77")
    everything = await _differences(lived)
    places = sorted(one.place for one in everything if one.place is not None)
    later = await lived.replays(since=places[0])
    assert later.count == len([place for place in places if place > places[0]])
    before_the_end = await lived.replays(until=Place(places[-1] - 1))
    assert before_the_end.identical
    assert not before_the_end.states_compared
    assert before_the_end.fingerprints > 0


async def test_a_database_without_temporary_tables_says_what_is_missing(
    lived: World, database: Database
) -> None:
    by_hand(
        database,
        "DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()); END $$",
    )
    with pytest.raises(Denied, match="GRANT TEMPORARY"):
        await lived.replay()
