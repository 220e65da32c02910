from dependency_injector import containers, providers

from adapters.codec.fingerprint import fingerprint
from adapters.codec.folding import folding_code
from adapters.codec.reproduced import reproduced
from adapters.jobs.app import build_app
from adapters.jobs.procrastinate import ProcrastinateJobs
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.replaying.scratch import PostgresScratch
from adapters.postgres.replaying.workshop import PostgresWorkshops
from adapters.postgres.urls import conninfo
from adapters.postgres.work import PostgresWork
from adapters.scratch.reactions import ScratchReactions
from adapters.seals.leaf import leaf_of
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds
from application.audit.archiving.export_log import ExportLog
from application.audit.explaining.ask_chain import AskChain
from application.audit.explaining.explain_alert import ExplainAlert
from application.audit.explaining.explain_intent import ExplainIntent
from application.audit.proving.prove_consistency import ProveConsistency
from application.audit.proving.prove_fact import ProveFact
from application.audit.proving.seal_log import SealLog
from application.audit.proving.verify_log import VerifyLog
from application.audit.reading.diff_log import DiffLog
from application.audit.reading.diff_positions import DiffPositions
from application.audit.reading.diff_states import DiffStates
from application.audit.reading.list_facts import ListFacts
from application.audit.reading.position_as_of import PositionAsOf
from application.audit.reading.state_as_of import StateAsOf
from application.audit.replaying.rebuild import RebuildProjections
from application.audit.replaying.replay import Replay
from entrypoints.late import archive_in, chains_of, channels_of
from entrypoints.sealing import anchor_of, key_ring, signer_of
from entrypoints.secrets import secret_keys
from entrypoints.settings import Settings


class Core(containers.DeclarativeContainer):
    """What every process needs that serves one role of the database: `url` is where that role connects."""

    settings = providers.Dependency(instance_of=Settings)
    url = providers.Dependency(instance_of=str)

    clock = providers.Singleton(SystemClock)
    ids = providers.Singleton(SystemIds)
    secrets = providers.Singleton(secret_keys, settings)
    archive = providers.Singleton(archive_in, settings.provided.archive_folder)
    database = providers.Singleton(
        PostgresDatabase,
        url,
        work=providers.Object(PostgresWork),
        clock=clock,
        ids=ids,
        secrets=secrets,
        archive=archive.provider,
        pool_size=settings.provided.pool_size,
    )
    begin = database.provided.begin
    chains = providers.Singleton(chains_of, settings.provided.chains)
    readers = chains.provided.readers
    channels = providers.Singleton(channels_of, settings, clock)
    jobs_app = providers.Singleton(build_app, providers.Callable(conninfo, url))
    jobs = providers.Singleton(ProcrastinateJobs, jobs_app)

    list_facts = providers.Factory(ListFacts, begin=begin)
    explain_alert = providers.Factory(ExplainAlert, begin=begin)
    explain_intent = providers.Factory(ExplainIntent, begin=begin)
    ask_chain = providers.Factory(AskChain, readers=readers)
    state_as_of = providers.Factory(StateAsOf, begin=begin)
    position_as_of = providers.Factory(PositionAsOf, begin=begin)
    diff_states = providers.Factory(DiffStates, begin=begin)
    diff_positions = providers.Factory(DiffPositions, begin=begin)
    diff_log = providers.Factory(DiffLog, begin=begin)
    replay = providers.Factory(
        Replay,
        begin=begin,
        scratch=providers.Factory(PostgresScratch, database, providers.Object(ScratchReactions)),
        fingerprint=providers.Object(fingerprint),
        reproduced=providers.Object(reproduced),
    )
    rebuild = providers.Factory(
        RebuildProjections,
        open=providers.Factory(PostgresWorkshops, database),
        fingerprint=providers.Object(fingerprint),
        code=providers.Callable(folding_code),
    )
    key_ring = providers.Singleton(key_ring, settings)
    trusted = key_ring.provided.trusted
    anchor = providers.Singleton(anchor_of, settings)
    seal_log = providers.Factory(
        SealLog, begin=begin, clock=clock, signer=providers.Callable(signer_of, key_ring), anchor=anchor
    )
    verify_log = providers.Factory(VerifyLog, begin=begin, keys=trusted, anchor=anchor)
    prove_fact = providers.Factory(
        ProveFact, begin=begin, keys=trusted, leaf_of=providers.Object(leaf_of), anchor=anchor
    )
    export_log = providers.Factory(ExportLog, begin=begin)
    prove_consistency = providers.Factory(ProveConsistency, begin=begin, keys=trusted)
