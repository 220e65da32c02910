from importlib.metadata import version
from typing import Final

from aiohttp import web
from dependency_injector import providers
from prometheus_client import REGISTRY, CollectorRegistry

from adapters.evm.sign_in import SiweVerifier
from application.alerts.acknowledge_alert import AcknowledgeAlert
from application.alerts.list_alerts import GetAlert, ListAlerts
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
from application.identity.revoke_token import RevokeToken
from application.identity.sign_in import SignIn
from application.identity.sign_out import SignOut
from application.identity.unlink_wallet import UnlinkWallet
from application.identity.verify_email import RequestEmailCode, VerifyEmail
from application.intents.cancel_intent import CancelIntent
from application.intents.get_intent import GetIntent
from application.intents.list_intents import ListIntents
from application.intents.register_intent import RegisterIntent
from application.positions.list_positions import ListPositions, PositionHistory
from application.positions.refresh_positions import RefreshPositions
from application.positions.simulate_change import SimulateChange
from application.signals.acknowledge_signal import AcknowledgeSignal
from application.signals.list_signals import GetSignal, ListSignals
from entrypoints.container.audit import Audit
from entrypoints.container.core import Core
from entrypoints.http.alerts import AlertsApi
from entrypoints.http.app import Frame, build_app
from entrypoints.http.auth import AuthApi
from entrypoints.http.contacts import ContactsApi
from entrypoints.http.intents import IntentsApi
from entrypoints.http.me import MeApi
from entrypoints.http.positions import PositionsApi
from entrypoints.http.signals import SignalsApi
from entrypoints.http.simulation import SimulationApi
from entrypoints.http.tokens import TokensApi
from entrypoints.http.wallets import WalletsApi
from entrypoints.http.where import Where
from entrypoints.readiness import Readiness

VERSION = version("plimsoll")

_BEGIN: Final = {"begin": Core.begin}
_TIMED: Final = {"begin": Core.begin, "clock": Core.clock}
_DRAWING: Final = {"begin": Core.begin, "clock": Core.clock, "ids": Core.ids}


def _registry() -> CollectorRegistry:
    """Return this server's metrics, which show the process's own beside theirs."""
    registry = CollectorRegistry()
    registry.register(REGISTRY)
    return registry


class Http(Audit):
    """The HTTP server, which enters the database as the role of its callers."""

    where = providers.Singleton(Where.of, Core.settings.provided.http)
    verifier = providers.Singleton(
        SiweVerifier, domain=where.provided.domain, uris=providers.List(where.provided.uri)
    )

    get_me = providers.Factory(GetMe, **_BEGIN)
    auth_api = providers.Factory(
        AuthApi,
        issue_nonce=providers.Factory(IssueNonce, **_DRAWING),
        sign_in=providers.Factory(
            SignIn, verifier=verifier, life=Core.settings.provided.http.session_life, **_DRAWING
        ),
        sign_out=providers.Factory(SignOut, **_BEGIN),
        domain=where.provided.domain,
        uri=where.provided.uri,
    )
    me_api = providers.Factory(
        MeApi,
        get=get_me,
        change=providers.Factory(ChangePreferences, **_TIMED),
        delete=providers.Factory(DeleteMe, **_TIMED),
    )
    wallets_api = providers.Factory(
        WalletsApi,
        get=get_me,
        link=providers.Factory(LinkWallet, verifier=verifier, **_TIMED),
        unlink=providers.Factory(UnlinkWallet, **_TIMED),
    )
    contacts_api = providers.Factory(
        ContactsApi,
        issue_telegram_code=providers.Factory(IssueTelegramCode, **_DRAWING),
        request_email_code=providers.Factory(
            RequestEmailCode, mailer=Core.channels.provided.mailer, **_DRAWING
        ),
        verify_email=providers.Factory(VerifyEmail, **_TIMED),
        forget=providers.Factory(ForgetContact, **_TIMED),
        telegram=Core.settings.provided.has_bot,
        telegram_bot=Core.settings.provided.bot_name,
    )
    tokens_api = providers.Factory(
        TokensApi,
        issue=providers.Factory(IssueToken, **_DRAWING),
        list=providers.Factory(ListTokens, **_BEGIN),
        revoke=providers.Factory(RevokeToken, **_BEGIN),
    )
    positions_api = providers.Factory(
        PositionsApi,
        list=providers.Factory(ListPositions, **_BEGIN),
        history=providers.Factory(PositionHistory, **_BEGIN),
        refresh=providers.Factory(RefreshPositions, jobs=Core.jobs, readers=Core.readers, **_BEGIN),
    )
    simulation_api = providers.Factory(
        SimulationApi, simulate=providers.Factory(SimulateChange, readers=Core.readers, **_BEGIN)
    )
    signals_api = providers.Factory(
        SignalsApi,
        list=providers.Factory(ListSignals, **_BEGIN),
        get=providers.Factory(GetSignal, **_BEGIN),
        acknowledge=providers.Factory(AcknowledgeSignal, **_TIMED),
    )
    alerts_api = providers.Factory(
        AlertsApi,
        list=providers.Factory(ListAlerts, **_BEGIN),
        get=providers.Factory(GetAlert, **_BEGIN),
        acknowledge=providers.Factory(AcknowledgeAlert, **_TIMED),
    )
    intents_api = providers.Factory(
        IntentsApi,
        register=providers.Factory(RegisterIntent, chains=Core.readers.provided.chains, **_DRAWING),
        get=providers.Factory(GetIntent, **_BEGIN),
        list=providers.Factory(ListIntents, **_BEGIN),
        cancel=providers.Factory(CancelIntent, **_TIMED),
    )

    frame = providers.Factory(
        Frame,
        authenticate=providers.Factory(Authenticate, **_TIMED),
        ready=providers.Factory(Readiness, database_url=Core.url, readers=Core.readers),
        registry=providers.Singleton(_registry),
        version=VERSION,
        swagger=Core.settings.provided.swagger,
        **_DRAWING,
    )
    app: providers.Provider[web.Application] = providers.Singleton(
        build_app,
        providers.List(
            auth_api,
            me_api,
            wallets_api,
            contacts_api,
            tokens_api,
            positions_api,
            simulation_api,
            signals_api,
            alerts_api,
            intents_api,
            Audit.audit_api,
            Audit.explanations_api,
            Audit.report_api,
            Audit.as_of_api,
            Audit.seals_api,
            Audit.audit_jobs_api,
        ),
        frame,
    )
