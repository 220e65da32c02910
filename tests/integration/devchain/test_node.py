import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from adapters.devchain.chain import Chain
from adapters.devchain.node import Anvil
from adapters.devchain.packages import NodePackages
from domain.shared.errors import Unavailable

_START_AND_LINGER = """
import asyncio, sys, time
from pathlib import Path
from adapters.devchain.node import Anvil
from adapters.devchain.packages import NodePackages
node = asyncio.run(Anvil.start(NodePackages(Path(sys.argv[1])), log=Path(sys.argv[2])))
print(node.process.pid, flush=True)
time.sleep(60)
"""


async def test_a_node_takes_a_free_port_and_answers_there(
    node_packages: NodePackages, tmp_path: Path
) -> None:
    log = tmp_path / "anvil.log"
    async with (
        Anvil.running_while(node_packages, log=log, chain_id=4242) as node,
        Chain.at(node.url) as chain,
    ):
        assert await chain.chain_id() == node.chain_id == 4242
    assert not node.running


async def test_a_stopped_node_is_said_not_to_answer(node_packages: NodePackages, tmp_path: Path) -> None:
    node = await Anvil.start(node_packages, log=tmp_path / "anvil.log")
    node.stop()
    node.stop()
    async with Chain.at(node.url) as chain:
        with pytest.raises(Unavailable, match="does not answer"):
            await chain.block_number()


async def test_a_taken_port_is_named(node_packages: NodePackages, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Unavailable, match=f"Port {port} is taken"):
            await Anvil.start(node_packages, log=tmp_path / "anvil.log", port=port)


async def test_missing_node_packages_say_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="make setup"):
        await Anvil.start(NodePackages(tmp_path), log=tmp_path / "anvil.log")
    with pytest.raises(Unavailable, match="@aave/core-v3, which is not in"):
        NodePackages(tmp_path).aave("protocol/pool/Pool")
    with pytest.raises(Unavailable, match="npm package viem"):
        NodePackages(tmp_path).multicall3()


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux tells a child of its parent's death"
)
def test_a_node_dies_with_a_parent_that_was_killed(node_packages: NodePackages, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _START_AND_LINGER, str(node_packages.root), str(tmp_path / "anvil.log")]
    path = os.pathsep.join(str(Path(__file__).parents[3] / root) for root in ("src", "."))
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}) as parent:
        assert parent.stdout is not None
        node = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 5
    while _lives(node):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state not in {"Z", "X"}
