from contextvars import ContextVar

from domain.shared.ids import Id

correlation: ContextVar[Id | None] = ContextVar("correlation", default=None)
"""What caused the work at hand (a request, a job): every fact that it leaves in the log carries this id."""
