from asyncio import timeout
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from aiohttp import ClientError, ClientResponse, ClientSession
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder
from yarl import URL

from adapters.seals.authorities import Authorities
from application.audit.proving.seals import Seal, Stamp, StampFails
from domain.shared.errors import Invalid, Unavailable

LARGEST: Final = 64 * 1024
"""Bytes of an answer that are read; a token with its chain has some five thousand."""


@dataclass(frozen=True, slots=True)
class TimeStampingAuthority:
    """An RFC 3161 authority over HTTP: it says when it saw a digest, and never sees more than that."""

    url: URL = field(repr=False)
    trusted: Authorities
    patience: float = 10.0

    @classmethod
    def at(cls, url: str, trusted: Authorities) -> "TimeStampingAuthority":
        """Name an authority; raises Invalid, without repeating an address that may hold a password."""
        try:
            address = URL(url)
        except ValueError:
            address = URL()
        if address.scheme not in {"http", "https"} or not address.host:
            raise Invalid("The time-stamping authority's address is no http:// or https:// URL.")
        return cls(address, trusted)

    async def stamp(self, seal: Seal) -> tuple[bytes, Stamp]:
        """Have the seal's digest stamped: the response as it came, and what it says once it was checked.

        Raises Unavailable, in a sentence with the authority's host: for no answer, too long or too late a one, a
        refusal, another digest, an answer to another request, or a signature that leads to no trusted root.
        """
        query = TimestampRequestBuilder(data=seal.content(), hash_algorithm=HashAlgorithm.SHA256).build()
        response = await self._ask(query.as_bytes())
        try:
            stamp = self.trusted.check(response)
        except StampFails as fault:
            raise self._fails(f"gave a stamp that does not hold: {fault.reason}") from None
        if stamp.digest != seal.digest():
            raise self._fails("stamped another digest than the one it was asked for")
        if stamp.nonce != query.nonce:
            raise self._fails("answered another request: the nonce is not ours")
        return response, stamp

    async def _ask(self, query: bytes) -> bytes:
        headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        try:
            async with (
                timeout(self.patience),
                ClientSession() as session,
                session.post(self.url, data=query, headers=headers, allow_redirects=False) as answer,
            ):
                if answer.status != HTTPStatus.OK:
                    raise self._fails(f"answers with the HTTP status {answer.status}")
                return await self._read(answer)
        except TimeoutError:
            raise self._fails(f"did not answer within {self.patience:g} seconds") from None
        except (ClientError, OSError) as error:
            raise self._fails(f"cannot be asked ({type(error).__name__})") from None

    async def _read(self, answer: ClientResponse) -> bytes:
        found = bytearray()
        async for part in answer.content.iter_any():
            found += part
            if len(found) > LARGEST:
                raise self._fails(f"answers with more than {LARGEST} bytes")
        return bytes(found)

    def _fails(self, what: str) -> Unavailable:
        return Unavailable(f"The time-stamping authority at {self.url.host} {what}.")
