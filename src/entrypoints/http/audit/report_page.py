from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from adapters.seals.leaf import leaf_of
from application.audit.explaining.explanation import Explanation
from application.audit.proving.proofs import InclusionProof
from application.shared.ports import Place
from entrypoints.cli.audit.proof_file import ProofFile
from entrypoints.http.audit.views import seconds_of

_FOLDER: Final = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertReport:
    """An alert's story, and the proof that its facts are on record."""

    made_at: datetime
    told: Explanation
    proofs: tuple[InclusionProof, ...]
    unproven: tuple[Place, ...]
    why_unproven: str
    keys: Sequence[str]


def page_of(report: AlertReport) -> tuple[str, str]:
    """Return a report as one HTML document that needs nothing else, and the policy that keeps it so."""
    style, policy = _style()
    page = _template().render(
        policy=policy,
        style=Markup(style),  # noqa: S704 - our own file, which the policy names by its hash
        alert=report.told.alert,
        told=report.told,
        made_at=report.made_at,
        proofs=report.proofs,
        seal=report.proofs[0].seal.statement if report.proofs else None,
        unproven=report.unproven,
        why_unproven=report.why_unproven,
        keys=report.keys,
    )
    return page, policy


@cache
def _style() -> tuple[str, str]:
    """Return the style sheet, and a policy that allows this one and nothing else."""
    style = (_FOLDER / "report.css").read_text(encoding="utf-8")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return style, f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "moment": _moment,
        "leaf": _leaf,
        "proof_file": _proof_file,
        "seconds": seconds_of,
    }
    return environment.get_template("alert_report.html")


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _leaf(proof: InclusionProof) -> str:
    return leaf_of(proof.fact).hex()


def _proof_file(proof: InclusionProof) -> str:
    return ProofFile.of(proof).model_dump_json(indent=1)
