from typing import Protocol

from application.alerts.ports import AlertsWork
from application.audit.jobs.audit_job import AuditJobsWork
from application.audit.ports import AuditWork
from application.audit.proving.prove_facts import SharedLogWork
from application.identity.operators import OperatorsWork
from application.identity.ports import IdentityWork
from application.intents.ports import IntentsWork
from application.positions.ports import PositionsWork
from application.shared.ports import ReactionWork
from application.shared.requests import RequestsWork
from application.signals.ports import SignalsWork


class Work(
    IdentityWork,
    PositionsWork,
    SignalsWork,
    AlertsWork,
    IntentsWork,
    AuditWork,
    AuditJobsWork,
    SharedLogWork,
    OperatorsWork,
    RequestsWork,
    ReactionWork,
    Protocol,
):
    """Everything that any use case needs of its transaction; both adapters have to offer it."""
