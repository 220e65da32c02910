from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from eth_abi.abi import encode

from domain.shared.chain import Address
from domain.shared.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A compiled contract as its compiler left it: code with holes where the libraries' addresses go."""

    name: str
    bytecode: str
    constructor: tuple[str, ...] = ()
    holes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, compiled: Mapping[str, Any]) -> "Artifact":
        """Read Hardhat's JSON."""
        constructors = [entry for entry in compiled["abi"] if entry["type"] == "constructor"]
        inputs = constructors[0]["inputs"] if constructors else []
        return cls(
            name=compiled["contractName"],
            bytecode=compiled["bytecode"].removeprefix("0x"),
            constructor=tuple(one["type"] for one in inputs),
            holes={
                library: tuple(place["start"] for place in places)
                for libraries in compiled["linkReferences"].values()
                for library, places in libraries.items()
            },
        )

    def creation(self, *arguments: object, libraries: Mapping[str, Address] | None = None) -> str:
        """Return the data of the transaction that creates the contract, linked and with its arguments.

        Raises Invalid when a library that the code calls is not among those given.
        """
        code = self.bytecode
        for library, places in self.holes.items():
            if libraries is None or library not in libraries:
                raise Invalid(f"{self.name} calls the library {library}, which has no address yet.")
            target = libraries[library].removeprefix("0x")
            for place in places:
                code = f"{code[: place * 2]}{target}{code[place * 2 + 40 :]}"
        return f"0x{code}{encode(self.constructor, arguments).hex()}"
