from dataclasses import dataclass

from domain.positions.reserve import EMode
from domain.shared.chain import Address

NOBODY = Address("0x" + "00" * 20)


def word(data: bytes, index: int = 0) -> int:
    """Return the 32-byte word at the index as an unsigned integer; ValueError where the data end before it."""
    if len(data) < 32 * index + 32:
        raise ValueError("The data end early.")
    return int.from_bytes(data[32 * index : 32 * index + 32], "big")


def address_in(data: bytes, index: int = 0) -> Address:
    """Return the address in the word at the index; ValueError where the word is none."""
    number = word(data, index)
    if number >> 160:
        raise ValueError("The word is no address.")
    return Address(f"0x{number:040x}")


def addresses(data: bytes) -> tuple[Address, ...]:
    """Return a dynamic array of addresses that is the only return value."""
    if word(data) != 32 or (count := word(data, 1)) > len(data) // 32 - 2:
        raise ValueError("The data are no array of addresses.")
    return tuple(address_in(data, 2 + index) for index in range(count))


def text(data: bytes) -> str:
    """Return a string that is the only return value, or a bytes32 that stands for one, as MKR's symbol does."""
    if len(data) == 32:
        return _readable(data.rstrip(b"\x00"))
    return _string_at(data, word(data))


def emode(data: bytes, id: int) -> tuple[EMode, Address]:
    """Return an e-mode category from `getEModeCategoryData`, and the price source it has instead of its assets'."""
    if word(data) != 32:
        raise ValueError("The data are no e-mode category.")
    body = data[32:]
    category = EMode(
        id=id,
        label=_string_at(body, word(body, 4)),
        ltv=word(body, 0),
        liquidation_threshold=word(body, 1),
        liquidation_bonus=word(body, 2),
    )
    return category, address_in(body, 3)


@dataclass(frozen=True, slots=True)
class Configuration:
    """The bit field of a reserve's configuration; source: DataTypes.sol, ReserveConfigurationMap."""

    ltv: int
    liquidation_threshold: int
    liquidation_bonus: int
    decimals: int
    emode: int

    @classmethod
    def of(cls, bits: int) -> "Configuration":
        """Take the field apart."""
        return cls(
            ltv=bits & 0xFFFF,
            liquidation_threshold=bits >> 16 & 0xFFFF,
            liquidation_bonus=bits >> 32 & 0xFFFF,
            decimals=bits >> 48 & 0xFF,
            emode=bits >> 168 & 0xFF,
        )


def _string_at(data: bytes, offset: int) -> str:
    if offset % 32 or offset + 32 > len(data):
        raise ValueError("The data are no string.")
    length = word(data, offset // 32)
    if offset + 32 + length > len(data):
        raise ValueError("The string ends early.")
    return _readable(data[offset + 32 : offset + 32 + length])


def _readable(raw: bytes) -> str:
    """Return what a stranger's contract calls itself, without what a terminal or a page might take for commands."""
    return "".join(letter for letter in raw.decode("utf-8", "replace") if letter.isprintable())[:64].strip()
