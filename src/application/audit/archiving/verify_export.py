from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from application.audit.proving.finding import Finding, FindingKind, Verification
from application.audit.proving.proof_work import ProofWork
from application.audit.proving.seals import Anchor, SealKeys
from application.audit.proving.stored_log import BEGINNING
from application.audit.proving.verify_log import Held, Progress, VerifyLog
from application.shared.ports import Begin, Place

NAMED: Final = 3
"""Altered files that one finding names."""


class HeldExport(Protocol):
    """A finished export: a part of the log that needs no database."""

    async def held(self) -> Held:
        """Return which facts it holds; raises Invalid when it is none, or not finished, and ArchiveFault."""
        ...

    async def altered(self) -> Sequence[str]:
        """Return the names of the files that are not as the manifest says, and still there."""
        ...

    @property
    def begin(self) -> Begin[ProofWork]:
        """Opens it as if it were the database."""
        ...


@dataclass(frozen=True, slots=True)
class VerifyExport:
    """Hash an export again, and name the first fact and file that are not what a seal covers."""

    export: HeldExport
    keys: SealKeys
    no_anchor: Anchor

    async def __call__(self, *, since: Place = BEGINNING, progress: Progress) -> Verification:
        """Verify all that is there, from the seals down to each byte, or the facts after a place; raises as `held`."""
        held = await self.export.held()
        held = replace(held, after=max(held.after, since))
        verify = VerifyLog(self.export.begin, self.keys, self.no_anchor)
        report = await verify(held=held, progress=progress)
        findings = report.findings
        if not findings and report.sealed_until < held.until:
            findings = (_unsealed(report.sealed_until, held.until),)
        if findings:
            findings = (_with_files(findings[0], await self.export.altered()), *findings[1:])
        return replace(report, since=held.after, until=held.until, findings=findings)


def _with_files(finding: Finding, files: Sequence[str]) -> Finding:
    """Name the altered files that the finding does not name itself."""
    unnamed = [file for file in files if file not in finding.sentence]
    if not unnamed:
        return finding
    more = f" and {len(unnamed) - NAMED} more" if len(unnamed) > NAMED else ""
    sentence = f"{finding.sentence} Not as it was written: {', '.join(unnamed[:NAMED])}{more}."
    return replace(finding, sentence=sentence)


def _unsealed(sealed: Place, until: Place) -> Finding:
    sentence = f"The export holds positions {sealed + 1} to {until}, and no seal that covers them."
    return Finding.of(FindingKind.SEAL_MISSING, sentence, place=sealed + 1)
