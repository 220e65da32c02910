import socket
from pathlib import Path

from tests.integration.cli.conftest import Run


def test_a_busy_port_is_found_before_anything_starts(plimsoll: Run) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = str(listener.getsockname()[1])
        plimsoll("demo", "--once", "--port", port).refuses_with(f"Port {port}", "choose another")


def test_missing_node_packages_say_what_to_type(plimsoll: Run, tmp_path: Path) -> None:
    ran = plimsoll("demo", "--once", "--json", PLIMSOLL_NODE_MODULES=str(tmp_path))
    ran.refuses_with("npm package", "make setup")
    assert ran.out == ""
