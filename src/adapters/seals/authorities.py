from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from rfc3161_client import TimeStampResponse, VerifierBuilder, decode_timestamp_response
from rfc3161_client.errors import VerificationError
from rfc3161_client.tsp import PKIStatus

from adapters.seals.der import with_certificates_in_order
from application.audit.proving.seals import Stamp, StampFails
from domain.shared.errors import Invalid

_SHA256: Final = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")


@dataclass(frozen=True, slots=True)
class Authorities:
    """Time-stamping authorities that are trusted: those whose certificate leads to one of these roots."""

    roots: tuple[x509.Certificate, ...]
    between: tuple[x509.Certificate, ...] = ()

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read certificates from a PEM file: the roots, and what of a chain the stamps leave out; raises Invalid."""
        try:
            found = x509.load_pem_x509_certificates(path.expanduser().read_bytes())
        except OSError as error:
            raise Invalid(
                f"The roots of the time-stamping authority in {path} cannot be read: {error.strerror}."
            ) from None
        except ValueError:
            raise Invalid(f"{path} holds no certificates in PEM.") from None
        roots = tuple(one for one in found if one.issuer == one.subject)
        if not roots:
            raise Invalid(f"{path} holds no root: a root is a certificate that signed itself.")
        return cls(roots, tuple(one for one in found if one not in roots))

    def check(self, response: bytes) -> Stamp:
        """Return what a granted RFC 3161 response says, or raise StampFails.

        The certificates have to be valid at the time that it states, not now; whether they were revoked is not asked.
        """
        try:
            read = decode_timestamp_response(with_certificates_in_order(response))
            status, said = read.status, list(read.status_string)
        except ValueError:
            raise StampFails("it is no RFC 3161 response") from None
        if status != PKIStatus.GRANTED:
            raise StampFails(_refusal(status, said))
        return self._granted(read)

    def _granted(self, read: TimeStampResponse) -> Stamp:
        try:
            token = read.tst_info
            imprint = token.message_imprint
            if imprint.hash_algorithm != _SHA256:
                raise StampFails("it stamps something else than a SHA-256")
            if not any(_holds(root, self.between, read) for root in self.roots):
                raise StampFails("it is not signed by an authority whose root is trusted")
            return Stamp(digest=imprint.message, at=token.gen_time, nonce=token.nonce)
        except ValueError:
            raise StampFails("it holds no readable token") from None


def _holds(root: x509.Certificate, between: Sequence[x509.Certificate], read: TimeStampResponse) -> bool:
    # One root at a time: of two with the same name, OpenSSL tries the first alone.
    verifier = VerifierBuilder(roots=[root, *between]).build()
    try:
        return verifier.verify(read, read.tst_info.message_imprint.message)
    except VerificationError:
        return False


def _refusal(status: int, said: Sequence[str]) -> str:
    name = next((one.name for one in PKIStatus if one == status), str(status))
    words = "".join(letter if letter.isprintable() else " " for letter in "; ".join(said))[:200]
    return f"it was not granted ({name.lower().replace('_', ' ')}{': ' if words else ''}{words})"
