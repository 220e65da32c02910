from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eth_abi.exceptions import DecodingError

from adapters.devchain.abi import decoded
from domain.shared.chain import Address
from domain.shared.errors import Conflict, PlimsollError

_ERROR = "0x08c379a0"  # Error(string)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """What somebody wants done on the chain; `value` counts wei, and no `to` creates a contract."""

    label: str
    sender: Address
    to: Address | None
    data: str = "0x"
    value: int = 0
    gas: int = 2_000_000

    def request(self, nonce: int) -> dict[str, object]:
        """Return it as the node takes it."""
        fields = {"from": self.sender, "data": self.data, "nonce": hex(nonce)}
        numbers = {"value": hex(self.value), "gas": hex(self.gas)}
        return {**fields, **numbers} if self.to is None else {**fields, **numbers, "to": self.to}


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What a contract said while a transaction ran."""

    address: Address
    topics: tuple[str, ...]
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a transaction, and in which block."""

    hash: str
    succeeded: bool
    block_number: int
    block_hash: str
    contract: Address | None
    logs: tuple[Log, ...]

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> "Receipt":
        """Read the node's answer."""
        return cls(
            hash=answer["transactionHash"],
            succeeded=answer["status"] == "0x1",
            block_number=int(answer["blockNumber"], 16),
            block_hash=answer["blockHash"],
            contract=answer.get("contractAddress"),
            logs=tuple(
                Log(address=log["address"], topics=tuple(log["topics"]), data=log["data"])
                for log in answer["logs"]
            ),
        )


class Reverted(Conflict):
    """A contract undid the transaction; `reason` is what it gave, for Aave the number in its `Errors.sol`."""

    def __init__(self, label: str, reason: str) -> None:
        super().__init__(f"The chain did not accept to {label}: {reason}.")
        self.label = label
        self.reason = reason


def reason_in(output: str) -> str:
    """Return the words in what a contract reverted with, the bytes where they say something else, or nothing."""
    if not output.startswith(_ERROR):
        return output.removeprefix("0x")
    try:
        return str(decoded(("string",), f"0x{output.removeprefix(_ERROR)}")[0])
    except (PlimsollError, DecodingError):
        return output
