import hashlib
import hmac
from typing import Final

from adapters.postgres.urls import parsed

OWNER: Final = "plimsoll_owner"
"""Owns every table and function, and cannot log in."""

APP: Final = "plimsoll_app"
"""Serves HTTP, and sees its actor's rows alone."""

WORKER: Final = "plimsoll_worker"
"""Serves everybody, and cannot be reached from the HTTP server."""


def app_url(admin_url: str) -> str:
    """Return where the HTTP server connects; raises Invalid."""
    return _url_of(APP, admin_url)


def worker_url(admin_url: str) -> str:
    """Return where workers connect; raises Invalid."""
    return _url_of(WORKER, admin_url)


def password_of(role: str, admin_password: str) -> str:
    """Derive a role's password from the administrator's: only the latter has to be kept."""
    return hmac.new(admin_password.encode(), role.encode(), hashlib.sha256).hexdigest()


def _url_of(role: str, admin_url: str) -> str:
    url = parsed(admin_url)
    password = None if url.password is None else password_of(role, url.password)
    # What the query says of the administrator's own way in is not for others.
    url = url.difference_update_query(["passfile"])
    return url._replace(username=role, password=password).render_as_string(hide_password=False)
