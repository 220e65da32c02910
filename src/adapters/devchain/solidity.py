import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.devchain.artifact import Artifact
from adapters.devchain.packages import NodePackages
from domain.shared.errors import Unavailable

_ALL = "All.sol"
_PATIENCE = 120
# Asks solc to compile what stands on standard input, and finds every import below the folder of node packages.
_SCRIPT = """
const fs = require("fs"), path = require("path"), root = process.argv[1];
const solc = require(path.join(root, "solc"));
const read = (name) => {
  try { return { contents: fs.readFileSync(path.join(root, name), "utf8") }; }
  catch (error) { return { error: error.message }; }
};
fs.writeSync(1, solc.compile(fs.readFileSync(0, "utf8"), { import: read }));
"""


@dataclass(frozen=True, slots=True)
class Solidity:
    """Compiles contracts that npm packages carry as source, with npm's solc; keeps what it made in `cache`.

    `packages` are those that the sources import from, `remappings` their other names, as solc takes them.
    """

    node_packages: NodePackages
    cache: Path
    packages: tuple[str, ...]
    remappings: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    def compile(self, files: Sequence[str]) -> dict[str, Artifact]:
        """Return the contract that each file (`@owner/package/path/Name.sol`) is named after, by its name.

        Raises NotInstalled when a package is missing, Unavailable when node is, or when solc refuses a source.
        """
        request = json.dumps(self._request(files))
        versions = [self.node_packages.version(one) for one in ("solc", *self.packages)]
        key = hashlib.sha256("\n".join([_SCRIPT, request, *versions]).encode()).hexdigest()
        kept = self.cache / f"{key}.json"
        if not kept.is_file():
            made = json.dumps(_compiled(self.node_packages.root, request, files))
            self.cache.mkdir(parents=True, exist_ok=True)
            fresh = kept.with_suffix(f".{os.getpid()}")
            fresh.write_text(made)
            fresh.replace(kept)
        return {name: Artifact.of(one) for name, one in json.loads(kept.read_text()).items()}

    def _request(self, files: Sequence[str]) -> dict[str, Any]:
        wanted = ["abi", "evm.bytecode.object", "evm.bytecode.linkReferences"]
        return {
            "language": "Solidity",
            "sources": {_ALL: {"content": "".join(f'import "{one}";\n' for one in files)}},
            "settings": {
                **self.settings,
                "remappings": list(self.remappings),
                "outputSelection": {one: {Path(one).stem: wanted} for one in files},
            },
        }


def _compiled(root: Path, request: str, files: Sequence[str]) -> dict[str, Any]:
    node = shutil.which("node")
    if node is None:
        raise Unavailable("Compiling contracts takes node (20 or newer), which is not on the PATH.")
    command = [node, "-e", _SCRIPT, str(root.resolve())]
    try:
        done = subprocess.run(  # noqa: S603 - our own script
            command, input=request.encode(), capture_output=True, timeout=_PATIENCE, check=True
        )
        answer = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise Unavailable(f"solc did not compile the contracts: {type(error).__name__}.") from error
    for one in answer.get("errors", []):
        if one["severity"] == "error":
            raise Unavailable(f"solc refuses the contracts: {one['formattedMessage']}")
    return {Path(file).stem: _in_hardhats_form(Path(file).stem, answer["contracts"][file]) for file in files}


def _in_hardhats_form(name: str, contracts: Mapping[str, Any]) -> dict[str, Any]:
    made = contracts[name]
    code = made["evm"]["bytecode"]
    return {
        "contractName": name,
        "abi": made["abi"],
        "bytecode": f"0x{code['object']}",
        "linkReferences": code["linkReferences"],
    }
