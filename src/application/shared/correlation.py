from contextvars import ContextVar
from uuid import UUID

correlation: ContextVar[UUID | None] = ContextVar("correlation", default=None)
"""What caused the work at hand (a request, a job): every fact that it leaves in the log carries this id."""
