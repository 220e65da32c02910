from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from aiohttp import web
from prometheus_client import CollectorRegistry

from adapters.evm.sign_in import SiweVerifier
from adapters.memory.jobs import MemoryJobs
from adapters.seals.keys import PublicKeys
from adapters.seals.leaf import leaf_of
from application.alerts.acknowledge_alert import AcknowledgeAlert
from application.alerts.list_alerts import GetAlert, ListAlerts
from application.alerts.ports import AlertsWork
from application.audit.explaining.explain_alert import ExplainAlert
from application.audit.explaining.explain_intent import ExplainIntent
from application.audit.jobs.ask_audit import AskAudit
from application.audit.jobs.audit_job import AuditJobsWork
from application.audit.jobs.follow_audit import CancelAudit, GetAudit, ListAudits
from application.audit.ports import AuditWork
from application.audit.proving.list_seals import GetSeal, ListSeals
from application.audit.proving.prove_facts import ProveFacts, SharedLogWork
from application.audit.reading.list_facts import ListFacts
from application.audit.reading.look import Look
from application.audit.reading.position_as_of import PositionAsOf
from application.audit.reading.sight import BeginSight
from application.audit.reading.state_as_of import StateAsOf
from application.identity.authenticate import Authenticate
from application.identity.change_preferences import ChangePreferences
from application.identity.delete_me import DeleteMe
from application.identity.forget_contact import ForgetContact
from application.identity.get_me import GetMe
from application.identity.issue_nonce import IssueNonce
from application.identity.issue_token import IssueToken
from application.identity.link_telegram import IssueTelegramCode
from application.identity.link_wallet import LinkWallet
from application.identity.list_tokens import ListTokens
from application.identity.operators import OperatorsWork
from application.identity.ports import CodeMailer, IdentityWork
from application.identity.revoke_token import RevokeToken
from application.identity.sign_in import SignIn
from application.identity.sign_out import SignOut
from application.identity.unlink_wallet import UnlinkWallet
from application.identity.verify_email import RequestEmailCode, VerifyEmail
from application.intents.cancel_intent import CancelIntent
from application.intents.get_intent import GetIntent
from application.intents.list_intents import ListIntents
from application.intents.ports import IntentsWork
from application.intents.register_intent import RegisterIntent
from application.positions.list_positions import ListPositions, PositionHistory
from application.positions.ports import PositionsWork
from application.positions.readers import Readers
from application.positions.refresh_positions import RefreshPositions
from application.positions.simulate_change import SimulateChange
from application.shared.ports import Begin, Clock, Ids
from application.shared.requests import RequestsWork
from application.signals.acknowledge_signal import AcknowledgeSignal
from application.signals.list_signals import GetSignal, ListSignals
from application.signals.ports import SignalsWork
from entrypoints.http.alerts import AlertsApi
from entrypoints.http.app import Frame, build_app
from entrypoints.http.audit.as_of import AsOfApi
from entrypoints.http.audit.explanations import ExplanationsApi
from entrypoints.http.audit.facts import AuditApi
from entrypoints.http.audit.jobs import AuditJobsApi
from entrypoints.http.audit.report import ReportApi
from entrypoints.http.audit.seals import SealsApi
from entrypoints.http.audit.sight import Sights
from entrypoints.http.auth import AuthApi
from entrypoints.http.contacts import ContactsApi
from entrypoints.http.frame.endpoint import Api
from entrypoints.http.intents import IntentsApi
from entrypoints.http.me import MeApi
from entrypoints.http.positions import PositionsApi
from entrypoints.http.service import Check
from entrypoints.http.signals import SignalsApi
from entrypoints.http.simulation import SimulationApi
from entrypoints.http.tokens import TokensApi
from entrypoints.http.wallets import WalletsApi

DOMAIN = "plimsoll.test"
URI = "https://plimsoll.test"
SWAGGER = Path(__file__).parents[3] / "node_modules" / "swagger-ui-dist"


class Work(
    IdentityWork,
    IntentsWork,
    PositionsWork,
    SignalsWork,
    AlertsWork,
    AuditWork,
    AuditJobsWork,
    OperatorsWork,
    SharedLogWork,
    RequestsWork,
    Protocol,
):
    """Everything that the HTTP server needs of a transaction."""


class NoMailServer:
    """What Plimsoll has where no mail server is configured."""

    async def send_code(self, email: str, code: str) -> None:
        raise AssertionError(email)


@dataclass(slots=True, kw_only=True)
class House:
    """The whole API, as the container builds it, over whichever database `begin` opens."""

    begin: Begin[Work]
    begin_sight: BeginSight[Work]
    clock: Clock
    ids: Ids
    readers: Readers
    keys: PublicKeys = field(default_factory=lambda: PublicKeys({}))
    mailer: CodeMailer = field(default_factory=NoMailServer)
    jobs: MemoryJobs = field(default_factory=MemoryJobs)
    missing: list[Check] = field(default_factory=list)
    swagger: Path = SWAGGER

    async def ready(self) -> list[Check]:
        return [Check("database"), *self.missing]

    def app(self) -> web.Application:
        frame = Frame(
            authenticate=Authenticate(self.begin, self.clock),
            begin=self.begin,
            clock=self.clock,
            ids=self.ids,
            ready=self.ready,
            registry=CollectorRegistry(),
            version="0.1.0",
            swagger=self.swagger,
        )
        return build_app(self.apis(), frame)

    def apis(self) -> list[Api]:
        begin, clock, ids = self.begin, self.clock, self.ids
        verifier = SiweVerifier(domain=DOMAIN, uris=(URI,))
        return [
            AuthApi(
                issue_nonce=IssueNonce(begin, clock, ids),
                sign_in=SignIn(begin, verifier, clock, ids),
                sign_out=SignOut(begin),
                domain=DOMAIN,
                uri=URI,
            ),
            MeApi(get=GetMe(begin), change=ChangePreferences(begin, clock), delete=DeleteMe(begin, clock)),
            WalletsApi(
                get=GetMe(begin),
                link=LinkWallet(begin, verifier, clock),
                unlink=UnlinkWallet(begin, clock),
            ),
            ContactsApi(
                issue_telegram_code=IssueTelegramCode(begin, clock, ids),
                request_email_code=RequestEmailCode(begin, self.mailer, clock, ids),
                verify_email=VerifyEmail(begin, clock),
                forget=ForgetContact(begin, clock),
                telegram_bot="plimsoll_bot",
            ),
            TokensApi(issue=IssueToken(begin, clock, ids), list=ListTokens(begin), revoke=RevokeToken(begin)),
            PositionsApi(
                list=ListPositions(begin),
                history=PositionHistory(begin),
                refresh=RefreshPositions(begin, self.jobs, self.readers),
            ),
            SimulationApi(simulate=SimulateChange(begin, self.readers)),
            SignalsApi(
                list=ListSignals(begin), get=GetSignal(begin), acknowledge=AcknowledgeSignal(begin, clock)
            ),
            AlertsApi(
                list=ListAlerts(begin), get=GetAlert(begin), acknowledge=AcknowledgeAlert(begin, clock)
            ),
            IntentsApi(
                register=RegisterIntent(begin, clock, ids, self.readers.chains),
                get=GetIntent(begin),
                list=ListIntents(begin),
                cancel=CancelIntent(begin, clock),
            ),
            *self.audit(),
        ]

    def audit(self) -> list[Api]:
        begin, clock, ids = self.begin, self.clock, self.ids
        look = Look(begin, clock, ids)
        sights = Sights(look, self.begin_sight)
        return [
            AuditApi(
                sights=sights,
                list=ListFacts(begin),
                prove=ProveFacts(begin, self.keys, leaf_of),
            ),
            ExplanationsApi(sights=sights, alert=ExplainAlert(begin), intent=ExplainIntent(begin)),
            ReportApi(
                sights=sights,
                explain=ExplainAlert(begin),
                prove=ProveFacts(begin, self.keys, leaf_of),
                clock=clock,
                keys=self.keys.pem(),
            ),
            AsOfApi(sights=sights, state=StateAsOf(begin), position=PositionAsOf(begin)),
            SealsApi(list=ListSeals(begin), get=GetSeal(begin), keys=self.keys.pem()),
            AuditJobsApi(
                ask=AskAudit(begin, self.jobs, look, clock, ids),
                get=GetAudit(begin),
                list=ListAudits(begin),
                cancel=CancelAudit(begin, clock),
            ),
        ]
