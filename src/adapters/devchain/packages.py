import json
import platform
import re
from dataclasses import dataclass
from pathlib import Path

from adapters.devchain.artifact import Artifact
from domain.shared.errors import Unavailable

_CONTRACTS = "@aave/core-v3/artifacts/contracts"
_VIEM_CONTRACTS = "viem/_esm/constants/contracts.js"
_MULTICALL3 = re.compile(r"\bmulticall3Bytecode\s*=\s*['\"](0x[0-9a-f]+)['\"]")
_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_SYSTEMS = {"linux": "linux", "darwin": "darwin", "windows": "win32"}


class NotInstalled(Unavailable):
    """An npm package is missing; the text says which, and what to type."""


@dataclass(frozen=True, slots=True)
class NodePackages:
    """What the local chain takes from npm: the node's binary, and contracts as their makers published them.

    Every method raises NotInstalled with what to type when a package is missing.
    """

    root: Path

    def anvil(self) -> Path:
        """Return the node's executable for this machine."""
        system = _SYSTEMS.get(platform.system().lower())
        architecture = _ARCHITECTURES.get(platform.machine().lower())
        if system is None or architecture is None:
            raise Unavailable(
                f"There is no anvil for {platform.system()} on {platform.machine()}, so no local chain can run here."
            )
        name = "anvil.exe" if system == "win32" else "anvil"
        return self._existing(f"@foundry-rs/anvil-{system}-{architecture}/bin/{name}")

    def aave(self, contract: str) -> Artifact:
        """Read one contract of Aave v3 by its source path without ending, as in `protocol/pool/Pool`."""
        file = self._existing(f"{_CONTRACTS}/{contract}.sol/{contract.rsplit('/', 1)[-1]}.json")
        return Artifact.of(json.loads(file.read_bytes()))

    def multicall3(self) -> str:
        """Return the creation code of Multicall3, in hexadecimal."""
        file = self._existing(_VIEM_CONTRACTS)
        found = _MULTICALL3.search(file.read_text("utf-8"))
        if found is None:
            raise Unavailable("The installed viem no longer holds Multicall3's code; run `make setup`.")
        return found[1]

    def version(self, package: str) -> str:
        """Return which version of a package is installed."""
        return str(json.loads(self._existing(f"{package}/package.json").read_bytes())["version"])

    def _existing(self, path: str) -> Path:
        file = self.root / path
        if not file.is_file():
            package = "/".join(path.split("/")[: 2 if path.startswith("@") else 1])
            raise NotInstalled(
                f"The local chain needs the npm package {package}, which is not in {self.root}. "
                "Run `make setup` in the project's folder first."
            )
        return file
