import json
from pathlib import Path

import pytest

from adapters.devchain.origin.contracts import origin_contracts
from adapters.devchain.packages import NodePackages, NotInstalled
from adapters.devchain.solidity import Solidity
from domain.shared.errors import Unavailable

GOOD = (
    "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.0;\ncontract Door { uint256 public keys = 3; }\n"
)


@pytest.fixture
def house(node_packages: NodePackages, tmp_path: Path) -> Path:
    """A folder of node packages with the real compiler and a package of our own."""
    if not (node_packages.root / "solc").is_dir():
        pytest.skip("The npm package solc is not installed.")
    root = tmp_path / "node_modules"
    (root / "house").mkdir(parents=True)
    (root / "solc").symlink_to((node_packages.root / "solc").resolve())
    (root / "house/package.json").write_text(json.dumps({"version": "1.0.0"}))
    (root / "house/Door.sol").write_text(GOOD)
    return root


def test_what_was_compiled_once_is_found_again_until_a_package_changes(house: Path, tmp_path: Path) -> None:
    compiler = Solidity(NodePackages(house), tmp_path / "cache", packages=("house",))
    made = compiler.compile(["house/Door.sol"])
    assert made["Door"].bytecode
    (house / "house/Door.sol").write_text("no longer read")
    assert compiler.compile(["house/Door.sol"]) == made
    (house / "house/package.json").write_text(json.dumps({"version": "1.0.1"}))
    with pytest.raises(Unavailable, match="solc refuses the contracts: "):
        compiler.compile(["house/Door.sol"])


def test_an_import_that_is_not_there_is_named(house: Path, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"house/Window\.sol"):
        Solidity(NodePackages(house), tmp_path, packages=("house",)).compile(["house/Window.sol"])


def test_a_missing_package_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NotInstalled, match=r"npm package solc, which is not in .* Run `make setup`"):
        origin_contracts(NodePackages(tmp_path), tmp_path)
