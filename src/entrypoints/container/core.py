from dependency_injector import containers, providers

from adapters.jobs.app import build_app
from adapters.jobs.procrastinate import ProcrastinateJobs
from adapters.memory.database import MemoryDatabase
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.urls import conninfo
from adapters.postgres.work import PostgresWork
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds
from application.audit.explain_alert import ExplainAlert
from application.audit.list_facts import ListFacts
from application.audit.replay import Replay
from application.audit.state_as_of import StateAsOf
from application.audit.twin import ScratchWork
from application.shared.ports import Begin
from entrypoints.chains import Chains
from entrypoints.channels import Channels
from entrypoints.settings import Settings


def _scratch() -> Begin[ScratchWork]:
    return MemoryDatabase().begin


class Core(containers.DeclarativeContainer):
    """What every process needs that serves one role of the database: `url` is where that role connects."""

    settings = providers.Dependency(instance_of=Settings)
    url = providers.Dependency(instance_of=str)

    clock = providers.Singleton(SystemClock)
    ids = providers.Singleton(SystemIds)
    database = providers.Singleton(
        PostgresDatabase,
        url,
        work=providers.Object(PostgresWork),
        clock=clock,
        ids=ids,
        pool_size=settings.provided.pool_size,
    )
    begin = database.provided.begin
    chains = providers.Singleton(Chains.of, settings.provided.chains)
    readers = chains.provided.readers
    channels = providers.Singleton(Channels.of, settings, clock)
    jobs_app = providers.Singleton(build_app, providers.Callable(conninfo, url))
    jobs = providers.Singleton(ProcrastinateJobs, jobs_app)

    list_facts = providers.Factory(ListFacts, begin=begin)
    explain_alert = providers.Factory(ExplainAlert, begin=begin)
    state_as_of = providers.Factory(StateAsOf, begin=begin)
    replay = providers.Factory(Replay, begin=begin, scratch=providers.Object(_scratch))
