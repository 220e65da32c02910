from typing import Final

from dependency_injector import providers

from application.alerts.claim_deliveries import ClaimDeliveries, NextDelivery
from application.alerts.deliver_alerts import DeliverAlert
from application.alerts.raise_alerts import RaiseAlerts
from application.audit.jobs.keep_audits import KeepAudits
from application.audit.jobs.run_audit import RunAudit
from application.identity.link_telegram import ReceiveTelegramCodes
from application.positions.observe_new_wallets import ObserveNewWallets
from application.positions.observe_positions import ObservePositions
from application.positions.plan_snapshots import PlanSnapshots
from application.positions.search_liquidations import SearchLiquidations
from application.signals.detect_signals import DetectSignals
from application.signals.expire_signals import ExpireSignals
from entrypoints.container.core import Core
from entrypoints.worker.audits import Audits
from entrypoints.worker.chains import Snapshots
from entrypoints.worker.outbox import Outbox
from entrypoints.worker.sealing import KeepSealed
from entrypoints.worker.tables import KeepTables

_BEGIN: Final = {"begin": Core.begin}
_TIMED: Final = {"begin": Core.begin, "clock": Core.clock}
_READING: Final = {"readers": Core.readers, **_TIMED}


class Background(Core):
    """The worker, which enters the database as the role that serves everybody."""

    detect_signals = providers.Factory(DetectSignals, **_BEGIN)
    raise_alerts = providers.Factory(RaiseAlerts, **_BEGIN)
    observe_new_wallets = providers.Factory(ObserveNewWallets, jobs=Core.jobs, readers=Core.readers, **_BEGIN)
    expire_signals = providers.Factory(ExpireSignals, **_TIMED)
    receive_telegram_codes = providers.Singleton(
        ReceiveTelegramCodes, inbox=Core.channels.provided.inbox, **_TIMED
    )
    keep_tables = providers.Factory(KeepTables, **_TIMED)
    keep_sealed = providers.Factory(KeepSealed, ring=Core.key_ring, seal=Core.seal_log.provider)
    run_audit = providers.Factory(
        RunAudit, audits=providers.Factory(Audits, settings=Core.settings, url=Core.url), **_TIMED
    )
    keep_audits = providers.Factory(KeepAudits, queue=Core.jobs, **_TIMED)
    snapshots = providers.Factory(
        Snapshots,
        plan=providers.Factory(PlanSnapshots, **_BEGIN),
        observe=providers.Factory(ObservePositions, ids=Core.ids, **_READING),
        search=providers.Factory(SearchLiquidations, **_READING),
        jobs=Core.jobs,
    )
    outbox = providers.Singleton(
        Outbox,
        claim=providers.Factory(ClaimDeliveries, **_TIMED),
        deliver=providers.Factory(DeliverAlert, notifiers=Core.channels.provided.notifiers, **_TIMED),
        next_delivery=providers.Factory(NextDelivery, **_BEGIN),
        clock=Core.clock,
    )
