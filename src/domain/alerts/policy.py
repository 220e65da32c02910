from collections.abc import Iterable

from domain.alerts.alert import Alert
from domain.alerts.events import AlertRaised
from domain.alerts.messages import alarm
from domain.identity.preferences import SignalType
from domain.shared.ids import AlertId, derived
from domain.signals.events import SignalDetected
from domain.signals.rules import Rules

_SAME_DANGER = {SignalType.HEALTH_FACTOR_LOW: SignalType.HEALTH_FACTOR_CRITICAL}


def alert_for(fact: SignalDetected, rules: Rules, standing: Iterable[Alert]) -> AlertRaised | None:
    """Decide whether a signal rings, from the fact, the rules of its version and the subject's standing alerts.

    A lesser signal of the same danger stays silent while the graver one stands: one fall, one ring.
    """
    graver = _SAME_DANGER.get(fact.type)
    if any(alert.type is graver for alert in standing if alert.subject == fact.subject):
        return None
    return AlertRaised(
        alert_id=AlertId(derived("alert", fact.signal_id)),
        user_id=fact.user_id,
        signal_id=fact.signal_id,
        subject=fact.subject,
        type=fact.type,
        severity=fact.severity,
        channels=rules.channels,
        message=alarm(fact),
        data=fact.data,
        rule_version=fact.rule_version,
        at=fact.at,
    )
