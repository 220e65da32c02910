from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from eth_account import Account
from eth_account.messages import encode_defunct
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from adapters.evm.eip55 import checked
from adapters.evm.eip4361 import SignInMessage, moment, parse
from application.identity.ports import SignedMessage
from domain.shared.chain import Address, ChainId, address
from domain.shared.errors import Denied, Invalid

_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


@dataclass(frozen=True, slots=True, kw_only=True)
class SiweVerifier:
    """Checks Sign-In with Ethereum messages that wallets with a key of their own have signed (EIP-4361, EIP-191).

    `domain` is the host and port that people sign in at; `uris` are what they may sign in for, each with all that
    lies beneath its path. `chain_ids`, where given, are the chains that a message may name.
    """

    domain: str
    uris: tuple[str, ...]
    chain_ids: Collection[ChainId] | None = None
    ahead: timedelta = timedelta(minutes=2)
    longest_age: timedelta = timedelta(hours=1)

    def verify(self, message: str, signature: str, *, at: datetime) -> SignedMessage:
        """Return what the message says; see `SignInVerifier` for what it raises."""
        said = parse(message)
        wallet = checked(said.address)
        self._refuse_another_place(said)
        self._refuse_another_time(said, at)
        if _signer(message, signature) != wallet:
            raise Denied("The message was not signed by the wallet that it names.")
        return SignedMessage(
            wallet=wallet,
            chain_id=ChainId(int(said.chain_id)),
            nonce=said.nonce,
            statement=said.statement or "",
        )

    def _refuse_another_place(self, said: SignInMessage) -> None:
        if said.domain.lower() != self.domain.lower():
            raise Denied(f"The message signs in to {said.domain[:80]}, but this is {self.domain}.")
        schemes = {urlsplit(uri).scheme for uri in self.uris}
        if said.scheme is not None and said.scheme.lower() not in schemes:
            raise Denied(f"The message names the scheme {said.scheme[:20]}, which is not served here.")
        if not any(_beneath(said.uri, uri) for uri in self.uris):
            raise Denied(f"The message is for another URI; it has to be for {' or '.join(self.uris)}.")
        if self.chain_ids is not None and int(said.chain_id) not in self.chain_ids:
            known = ", ".join(map(str, sorted(self.chain_ids)))
            raise Denied(f"The message names chain {said.chain_id}; the chains here are {known}.")

    def _refuse_another_time(self, said: SignInMessage, at: datetime) -> None:
        issued = moment(said.issued_at)
        if issued > at + self.ahead:
            raise Denied("The message was issued in the future; check the clock of your device.")
        if issued < at - self.longest_age:
            raise Denied(
                "The message was issued too long ago; sign a new one, or check the clock of your device."
            )
        if said.expiration_time is not None and moment(said.expiration_time) <= at:
            raise Denied("The message has expired; sign a new one.")
        if said.not_before is not None and moment(said.not_before) > at:
            raise Denied("The message is not valid yet.")


def _beneath(uri: str, allowed: str) -> bool:
    base = allowed.rstrip("/")
    return uri in {allowed, base} or uri.startswith((f"{base}/", f"{base}?", f"{base}#"))


def _signer(message: str, signature: str) -> Address:
    try:
        raw = bytes.fromhex(signature.removeprefix("0x"))
    except ValueError as error:
        raise Invalid("A signature is written as 0x and hexadecimal digits.") from error
    if len(raw) != 65 or raw[64] not in {0, 1, 27, 28}:
        raise Invalid(
            "The signature has to be the 65 bytes that a wallet with a key of its own makes; "
            "signatures of contract wallets are not understood here."
        )
    if int.from_bytes(raw[32:64], "big") > _HALF_ORDER:
        raise Invalid("The signature is not in the canonical form (EIP-2); sign the message again.")
    try:
        return address(Account.recover_message(encode_defunct(text=message), signature=raw))
    except (BadSignature, ValidationError, ValueError) as error:
        raise Denied("The signature belongs to no wallet.") from error
