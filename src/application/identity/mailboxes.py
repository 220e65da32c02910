import re
from typing import NewType

from domain.shared.errors import Invalid

Mailbox = NewType("Mailbox", str)

LONGEST = 254
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")


def mailbox(text: str) -> Mailbox:
    """Return the address of a mailbox with its domain in lower case: RFC 5321's dot-string at a domain name.

    Raises Invalid. What stands before the @ keeps its case, because some servers tell it apart.
    """
    local, _, domain = text.strip().rpartition("@")
    domain = domain.lower()
    if len(local) + len(domain) + 1 > LONGEST or len(local) > 64:
        raise Invalid(f"An email address has at most {LONGEST} characters, 64 of them before the @.")
    if not domain.isascii():
        raise Invalid("Write the part after the @ in its ASCII form, which begins with xn--.")
    if not (_LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        raise Invalid(f"{text[:60]!r} is not an email address: it takes a name, an @ and a domain.")
    return Mailbox(f"{local}@{domain}")
