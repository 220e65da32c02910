import logging
import sys
from typing import Any, TextIO

import structlog

from domain.shared.errors import Invalid, PlimsollError

_LEVELS = ("debug", "info", "warning", "error")


def write_logs(level: str, *, as_json: bool, to: TextIO = sys.stderr) -> None:
    """Let every part of this process write its log to one stream; raises Invalid for a level that there is not."""
    if level.lower() not in _LEVELS:
        raise Invalid(f"PLIMSOLL_LOG_LEVEL is one of {', '.join(_LEVELS)}.")
    renderer: Any = structlog.processors.JSONRenderer()
    if not as_json:
        # A traceback that shows local variables would show secrets.
        plain = structlog.dev.plain_traceback
        renderer = structlog.dev.ConsoleRenderer(colors=to.isatty(), exception_formatter=plain)
    known: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info if as_json else structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *known,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(to)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=known,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    handler.addFilter(_in_a_sentence)
    logging.captureWarnings(True)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in ("aiohttp.access", "alembic", "procrastinate"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLogger().level))


def _in_a_sentence(record: logging.LogRecord) -> bool:
    """Let a refusal that explains itself stand without the traceback that led to it."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, PlimsollError):
        record.exc_info = None
        record.msg, record.args = f"{record.getMessage()} {error}", ()
    return True
