from eth_utils.address import is_checksum_formatted_address, to_checksum_address

from domain.shared.chain import Address, address
from domain.shared.errors import Invalid


def checked(text: str) -> Address:
    """Return the address in its stored form after verifying the checksum of EIP-55, if mixed case claims one.

    Raises Invalid. An address all in lower or all in upper case carries no checksum.
    """
    plain = address(text)
    if is_checksum_formatted_address(text.strip()) and to_checksum_address(plain) != text.strip():
        raise Invalid(
            f"The checksum of {text.strip()} is wrong: a character was mistyped, or its case was changed."
        )
    return plain


def checksummed(of: Address) -> str:
    """Write an address the way wallets show it, its case carrying the checksum of EIP-55."""
    return to_checksum_address(of)
