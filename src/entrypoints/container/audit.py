from typing import Final

from dependency_injector import providers

from adapters.seals.leaf import leaf_of
from application.audit.jobs.ask_audit import AskAudit
from application.audit.jobs.follow_audit import CancelAudit, GetAudit, ListAudits
from application.audit.proving.list_seals import GetSeal, ListSeals
from application.audit.proving.prove_facts import ProveFacts
from application.audit.reading.look import Look
from application.audit.reading.position_as_of import PositionAsOf
from entrypoints.container.core import Core
from entrypoints.http.audit.as_of import AsOfApi
from entrypoints.http.audit.explanations import ExplanationsApi
from entrypoints.http.audit.facts import AuditApi
from entrypoints.http.audit.jobs import AuditJobsApi
from entrypoints.http.audit.report import ReportApi
from entrypoints.http.audit.seals import SealsApi
from entrypoints.http.audit.sight import Sights

_BEGIN: Final = {"begin": Core.begin}
_TIMED: Final = {"begin": Core.begin, "clock": Core.clock}
_DRAWING: Final = {"begin": Core.begin, "clock": Core.clock, "ids": Core.ids}


class Audit(Core):
    """What the HTTP server shows of the log."""

    sights = providers.Factory(
        Sights, look=providers.Factory(Look, **_DRAWING), begin=Core.database.provided.begin_sight
    )
    prove_facts = providers.Singleton(  # it remembers
        ProveFacts, keys=Core.trusted, leaf_of=providers.Object(leaf_of), anchor=Core.anchor, **_BEGIN
    )
    audit_api = providers.Factory(AuditApi, sights=sights, list=Core.list_facts, prove=prove_facts)
    explanations_api = providers.Factory(
        ExplanationsApi, sights=sights, alert=Core.explain_alert, intent=Core.explain_intent
    )
    report_api = providers.Factory(
        ReportApi,
        sights=sights,
        explain=Core.explain_alert,
        prove=prove_facts,
        clock=Core.clock,
        keys=Core.trusted.pem.call(),
    )
    as_of_api = providers.Factory(
        AsOfApi,
        sights=sights,
        state=Core.state_as_of,
        position=providers.Factory(PositionAsOf, **_BEGIN),
    )
    seals_api = providers.Factory(
        SealsApi,
        list=providers.Factory(ListSeals, **_BEGIN),
        get=providers.Factory(GetSeal, **_BEGIN),
        keys=Core.trusted.pem.call(),
    )
    audit_jobs_api = providers.Factory(
        AuditJobsApi,
        ask=providers.Factory(AskAudit, queue=Core.jobs, look=sights.provided.look, **_DRAWING),
        get=providers.Factory(GetAudit, **_BEGIN),
        list=providers.Factory(ListAudits, **_BEGIN),
        cancel=providers.Factory(CancelAudit, **_TIMED),
    )
