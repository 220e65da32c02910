from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.signals.sights import FRESH, debt_for, rules, sight, watched

from domain.identity.preferences import SignalType
from domain.signals.detectors.catalogue import detect
from domain.signals.events import Severity, SignalCleared, SignalDetected

LOW, CRITICAL = SignalType.HEALTH_FACTOR_LOW, SignalType.HEALTH_FACTOR_CRITICAL


def types(findings: object) -> list[str]:
    assert isinstance(findings, list | tuple)
    return [finding.type.value if isinstance(finding, SignalDetected) else "cleared" for finding in findings]


def test_a_health_factor_at_the_threshold_is_not_below_it() -> None:
    exactly = rules(low="1.65")
    assert watched(1000, by=exactly)[1] == []
    assert types(watched(1001, by=exactly)[1]) == [LOW]


def test_what_is_found_can_be_checked() -> None:
    _, [found] = watched(debt_for("1.4"))
    assert isinstance(found, SignalDetected)
    assert (found.type, found.severity, found.asset, found.rule_version) == (LOW, Severity.HIGH, "WETH", 3)
    assert Decimal(found.data["health_factor"]) < Decimal("1.4") < Decimal(found.data["threshold"])
    assert {"block_number", "block_hash", "block_time"} <= found.data.keys()
    assert found.expires_at is None


def test_hovering_at_the_threshold_rings_once() -> None:
    hovering = [debt_for("1.49"), debt_for("1.505"), debt_for("1.48"), debt_for("1.529")] * 3
    watch, findings = watched(*hovering)
    assert types(findings) == [LOW]
    assert watch.episode(LOW) is not None


def test_it_is_over_when_it_has_risen_by_the_margin() -> None:
    watch, findings = watched(debt_for("1.49"), debt_for("1.54"))
    assert types(findings) == [LOW, "cleared"]
    detected, cleared = findings
    assert isinstance(cleared, SignalCleared)
    assert cleared.signal_id == detected.signal_id
    assert cleared.data["clears_at"] == "1.53"
    assert watch.episodes == ()


def test_the_next_fall_is_another_signal() -> None:
    _, findings = watched(debt_for("1.4"), debt_for("2"), debt_for("1.4"))
    assert types(findings) == [LOW, "cleared", LOW]
    assert findings[0].signal_id != findings[2].signal_id


def test_the_graver_condition_is_found_first() -> None:
    _, findings = watched(debt_for("1.1"))
    assert types(findings) == [CRITICAL, LOW]
    assert [finding.severity for finding in findings if isinstance(finding, SignalDetected)] == [
        Severity.CRITICAL,
        Severity.HIGH,
    ]


def test_repaying_everything_is_an_all_clear() -> None:
    watch, findings = watched(debt_for("1.1"), 0)
    assert types(findings) == [CRITICAL, LOW, "cleared", "cleared"]
    assert findings[-1].data["health_factor"] == "none"
    assert watch.episodes == ()


def test_without_debt_there_is_nothing_to_fear() -> None:
    assert watched(0)[1] == []


def test_what_nobody_asked_for_does_not_ring() -> None:
    assert watched(debt_for("1.1"), by=rules(active=()))[1] == []


def test_switching_a_signal_off_ends_it_with_that_reason() -> None:
    watch, _ = detect(FRESH, sight(debt=debt_for("1.4")))
    watch, found = detect(watch, sight(debt=debt_for("1.4"), by=rules(active=[CRITICAL]), number=2))
    [cleared] = found
    assert isinstance(cleared, SignalCleared)
    assert cleared.data["reason"] == "switched_off"
    assert watch.episodes == ()


@given(
    debts=st.lists(st.integers(0, 3000), min_size=1, max_size=8), margin=st.sampled_from(["0", "0.02", "0.5"])
)
def test_detection_and_clearing_alternate(debts: list[int], margin: str) -> None:
    watch, findings = watched(*debts, by=rules(margin=margin, active=[LOW]))
    expected = [LOW.value, "cleared"] * len(debts)
    assert types(findings) == expected[: len(findings)]
    assert (watch.episode(LOW) is not None) == (len(findings) % 2 == 1)


@given(debts=st.lists(st.integers(0, 3000), min_size=1, max_size=8))
def test_the_same_sights_are_found_the_same(debts: list[int]) -> None:
    assert watched(*debts) == watched(*debts)


@given(debts=st.lists(st.integers(0, 3000), min_size=1, max_size=8))
def test_critical_never_stands_without_low(debts: list[int]) -> None:
    watch, _ = watched(*debts)
    assert watch.episode(CRITICAL) is None or watch.episode(LOW) is not None
