from collections.abc import Sequence
from typing import Any

from eth_typing import HexStr
from web3 import Web3

from adapters.evm.calldata import Call, target_and_calldata
from domain.shared.chain import Block

_RESERVE_DATA = (
    "(uint256,uint128,uint128,uint128,uint128,uint128,uint40,uint16,address,address,address,address,"
    "uint128,uint128,uint128)"
)
_FUNCTIONS = (
    ("getPool", "", "address"),
    ("getPriceOracle", "", "address"),
    ("POOL_REVISION", "", "uint256"),
    ("getReservesList", "", "address[]"),
    ("getReserveData", "address", _RESERVE_DATA),
    ("getUserConfiguration", "address", "(uint256)"),
    ("getUserAccountData", "address", "uint256,uint256,uint256,uint256,uint256,uint256"),
    ("getUserEMode", "address", "uint256"),
    ("getEModeCategoryData", "uint8", "(uint16,uint16,uint16,address,string)"),
    ("getAssetPrice", "address", "uint256"),
    ("balanceOf", "address", "uint256"),
)


class Web3Peer:
    """The usual way: the same calls one after another, each through web3.py's contract object."""

    def __init__(self, url: str, calls: Sequence[Call], block: Block) -> None:
        """Make the contract objects and take the arguments out of the calls; only the calling is timed."""
        web3 = Web3(Web3.HTTPProvider(url))
        abi = [_abi(*function) for function in _FUNCTIONS]
        contracts: dict[str, Any] = {}
        self._block = block.number  # by hash, web3.py would ask for the block again before each call
        self._calls: list[tuple[Any, tuple[Any, ...]]] = []
        for call in calls:
            target, data = target_and_calldata(call)
            if target not in contracts:
                contracts[target] = web3.eth.contract(address=Web3.to_checksum_address(target), abi=abi)
            function, arguments = contracts[target].decode_function_input(HexStr(data))
            self._calls.append((contracts[target].functions[function.fn_name], tuple(arguments.values())))

    async def __call__(self) -> list[Any]:
        """Return what every call returned."""
        return [
            function(*arguments).call(block_identifier=self._block) for function, arguments in self._calls
        ]


def _abi(name: str, takes: str, returns: str) -> dict[str, Any]:
    return {
        "type": "function",
        "name": name,
        "stateMutability": "view",
        "inputs": [{"name": "of", "type": takes}] if takes else [],
        "outputs": _types(returns),
    }


def _types(listed: str) -> list[dict[str, Any]]:
    if listed.startswith("("):
        return [{"name": "", "type": "tuple", "components": _types(listed[1:-1])}]
    return [{"name": f"at{index}", "type": each} for index, each in enumerate(listed.split(","))]
