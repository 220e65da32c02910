"""Sign-In with Ethereum messages, read and written strictly by the grammar of EIP-4361 (and RFC 3986, RFC 3339)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from domain.shared.errors import Invalid

LONGEST = 4096
"""Characters; no wallet shows anybody a longer message than this to sign."""

_PERCENT = r"%[0-9A-Fa-f]{2}"
_UNRESERVED = r"A-Za-z0-9\-._~"
_DELIMITERS = r"!$&'()*+,;="
_PCHAR = rf"(?:[{_UNRESERVED}{_DELIMITERS}:@]|{_PERCENT})"
_NAME = rf"(?:[{_UNRESERVED}{_DELIMITERS}]|{_PERCENT})"
_SCHEME = r"[A-Za-z][A-Za-z0-9+\-.]*"
_LITERAL = rf"\[(?:[0-9A-Fa-f:.]{{2,45}}|v[0-9A-Fa-f]+\.[{_UNRESERVED}{_DELIMITERS}:]+)\]"
_AUTHORITY = rf"(?:(?:{_NAME}|:)*@)?(?:{_LITERAL}|{_NAME}*)(?::[0-9]*)?"
_HIERARCHY = rf"(?://{_AUTHORITY}(?:/{_PCHAR}*)*|/(?:{_PCHAR}+(?:/{_PCHAR}*)*)?|{_PCHAR}+(?:/{_PCHAR}*)*|)"
_URI = rf"{_SCHEME}:{_HIERARCHY}(?:\?(?:{_PCHAR}|[/?])*)?(?:\#(?:{_PCHAR}|[/?])*)?"
_STATEMENT = rf"[{_UNRESERVED}{_DELIMITERS}:/?\#\[\]@ ]*"
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"

_MESSAGE = re.compile(
    rf"(?:(?P<scheme>{_SCHEME})://)?(?P<domain>{_AUTHORITY})"
    rf" wants you to sign in with your Ethereum account:\n"
    rf"(?P<address>0x[0-9A-Fa-f]{{40}})\n"
    rf"\n"
    rf"(?:(?P<statement>{_STATEMENT})\n)?"
    rf"\n"
    rf"URI: (?P<uri>{_URI})\n"
    rf"Version: (?P<version>1)\n"
    rf"Chain ID: (?P<chain_id>[0-9]{{1,20}})\n"
    rf"Nonce: (?P<nonce>[A-Za-z0-9]{{8,}})\n"
    rf"Issued At: (?P<issued_at>{_TIME})"
    rf"(?:\nExpiration Time: (?P<expiration_time>{_TIME}))?"
    rf"(?:\nNot Before: (?P<not_before>{_TIME}))?"
    rf"(?:\nRequest ID: (?P<request_id>{_PCHAR}*))?"
    rf"(?P<resources>\nResources:(?:\n- {_URI})*)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInMessage:
    """The fields of a message, each in the very text that was signed; None where the message has no such line."""

    domain: str
    address: str
    uri: str
    chain_id: str
    nonce: str
    issued_at: str
    scheme: str | None = None
    statement: str | None = None
    expiration_time: str | None = None
    not_before: str | None = None
    request_id: str | None = None
    resources: tuple[str, ...] | None = None

    def __str__(self) -> str:
        """Write the message as a wallet shows and signs it."""
        origin = self.domain if self.scheme is None else f"{self.scheme}://{self.domain}"
        lines = [f"{origin} wants you to sign in with your Ethereum account:", self.address, ""]
        if self.statement is not None:
            lines.append(self.statement)
        lines += ["", f"URI: {self.uri}", "Version: 1", f"Chain ID: {self.chain_id}", f"Nonce: {self.nonce}"]
        lines.append(f"Issued At: {self.issued_at}")
        if self.expiration_time is not None:
            lines.append(f"Expiration Time: {self.expiration_time}")
        if self.not_before is not None:
            lines.append(f"Not Before: {self.not_before}")
        if self.request_id is not None:
            lines.append(f"Request ID: {self.request_id}")
        if self.resources is not None:
            lines += ["Resources:", *(f"- {resource}" for resource in self.resources)]
        return "\n".join(lines)


def parse(text: str) -> SignInMessage:
    """Read a message, or raise Invalid; whatever is read is written back the same, character by character."""
    if len(text) > LONGEST:
        raise Invalid(f"A sign-in message has at most {LONGEST} characters.")
    found = _MESSAGE.fullmatch(text)
    if found is None:
        raise Invalid(
            "This is no Sign-In with Ethereum message as EIP-4361 defines it: its lines have to follow the "
            "standard's order and spelling, separated by single line feeds, with nothing before or after."
        )
    fields = found.groupdict()
    del fields["version"]
    listed = fields.pop("resources")
    resources = None if listed is None else tuple(line[2:] for line in listed.split("\n")[2:])
    for name in ("issued_at", "expiration_time", "not_before"):
        if fields[name] is not None:
            moment(fields[name])
    return SignInMessage(**fields, resources=resources)


def moment(text: str) -> datetime:
    """Return the moment that an RFC 3339 time names, in UTC; raises Invalid. A leap second counts as the next."""
    try:
        seconds, leap = (text[17:19], 0) if text[17:19] != "60" else ("59", 1)
        start = datetime.fromisoformat(f"{text[:10]}T{text[11:17]}{seconds}")
        fraction, offset = _after_the_seconds(text[19:])
        return (start - offset + timedelta(seconds=leap, microseconds=fraction)).replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(f"{text[:40]!r} is not a time that the calendar has.") from error


def _after_the_seconds(rest: str) -> tuple[int, timedelta]:
    zone = rest.lstrip(".0123456789")
    microseconds = int(rest[1 : len(rest) - len(zone)][:6].ljust(6, "0"))
    if zone in {"Z", "z"}:
        return microseconds, timedelta(0)
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    if hours > 23 or minutes > 59:
        raise ValueError(zone)
    offset = timedelta(hours=hours, minutes=minutes)
    return microseconds, -offset if zone[0] == "-" else offset
