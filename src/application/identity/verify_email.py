import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from application.identity.codes import LIFETIME, RANDOM_BYTES, UnknownCode, digest, drawn, normal
from application.identity.mailboxes import mailbox
from application.identity.ports import CodeMailer, ContactCode, IdentityWork
from application.shared.ports import Begin, Clock, Ids
from application.shared.requests import RequestsWork, StillWorking
from domain.identity.errors import UserGone
from domain.identity.preferences import Channel
from domain.shared.errors import Conflict, Unavailable
from domain.shared.ids import UserId

PAUSE = timedelta(minutes=1)
_TURN = ":email-code"
_FINGERPRINT = hashlib.sha256(_TURN.encode()).digest()


class CodeTooSoon(Conflict):
    """One code a minute."""

    def __init__(self) -> None:
        super().__init__(
            "A code was sent less than a minute ago; look into the mailbox and its spam folder, or wait a minute."
        )


class EmailAlreadyVerified(Conflict):
    """A mailbox is proven once."""

    def __init__(self) -> None:
        super().__init__("This mailbox is verified already; alerts can go there.")


class EmailCodesWork(IdentityWork, RequestsWork, Protocol):
    """What sending codes at a pace needs of its transaction."""


@dataclass(frozen=True, slots=True)
class RequestEmailCode:
    """Send a code to a mailbox that a user says is theirs, at most one a minute."""

    begin: Begin[EmailCodesWork]
    mailer: CodeMailer
    clock: Clock
    ids: Ids

    async def __call__(self, *, actor: UserId, email: str) -> datetime:
        """Return when the code expires; an earlier one is void. Raises Unavailable when no mail can be sent."""
        to = mailbox(email)
        code, at = drawn(self.ids.secret(RANDOM_BYTES)), self.clock.now()
        async with self.begin(actor) as work:
            user = await work.users.get(actor)
            if user.deleted_at is not None:
                raise UserGone
            if user.email == to:
                raise EmailAlreadyVerified
            try:
                await work.requests.claim(_TURN, _FINGERPRINT, at=at, until=at + PAUSE)
            except StillWorking:
                raise CodeTooSoon from None
            await work.contact_codes.issue(
                ContactCode(
                    code_hash=digest(code),
                    user_id=actor,
                    channel=Channel.EMAIL,
                    contact=to,
                    expires_at=at + LIFETIME,
                )
            )
        try:
            await self.mailer.send_code(to, code)
        except Unavailable:
            async with self.begin(actor) as work:
                await work.requests.release(_TURN)
            raise
        return at + LIFETIME


@dataclass(frozen=True, slots=True)
class VerifyEmail:
    """Take a mailbox for alerts, because its owner brought back the code that was sent there."""

    begin: Begin[IdentityWork]
    clock: Clock

    async def __call__(self, *, actor: UserId, code: str) -> str:
        """Return the mailbox; raises UnknownCode."""
        meant, at = normal(code), self.clock.now()
        if meant is None:
            raise UnknownCode
        async with self.begin(actor) as work:
            found = await work.contact_codes.redeem(digest(meant), Channel.EMAIL, at=at)
            if found is None or found.user_id != actor:
                raise UnknownCode
            user = await work.users.get(actor)
            await work.users.record(user.reach_by_email(found.contact, at=at))
        return found.contact
