from hypothesis import given
from hypothesis import strategies as st
from tests.examples import LATER, subject
from tests.unit.domain.signals.sights import debt_for, watched

from domain.signals.detectors.catalogue import closed_with
from domain.signals.events import SignalCleared, SignalDetected
from domain.signals.watch import Watch


def test_a_subject_that_is_no_more_ends_every_episode() -> None:
    watch, findings = watched(debt_for("1.1"))
    after, cleared = closed_with(watch, "the wallet is no longer watched", "x@2", LATER)
    assert after == Watch(subject=subject())
    assert {one.signal_id for one in cleared} == {one.signal_id for one in findings}
    assert all(isinstance(one, SignalCleared) and one.data["reason"] for one in cleared)


def test_a_subject_without_episodes_ends_in_silence() -> None:
    assert closed_with(Watch(subject=subject()), "gone", "x@2", LATER)[1] == ()


@given(debts=st.lists(st.integers(0, 3000), max_size=8))
def test_whatever_is_cleared_was_detected_before(debts: list[int]) -> None:
    _, findings = watched(*debts)
    standing = set[object]()
    for finding in findings:
        if isinstance(finding, SignalDetected):
            assert finding.signal_id not in standing
            standing.add(finding.signal_id)
        else:
            standing.remove(finding.signal_id)
