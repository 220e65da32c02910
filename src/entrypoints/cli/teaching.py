from collections.abc import Mapping, Sequence
from textwrap import dedent

from rich.markup import escape


def teach(
    summary: str,
    more: str = "",
    *,
    environment: Mapping[str, str] | None = None,
    examples: Sequence[str] = (),
) -> str:
    """Return a command's help: a sentence, what one should know, the variables that matter, and lines to copy."""
    paragraphs = [escape(summary)]
    paragraphs += [escape(" ".join(one.split())) for one in dedent(more).split("\n\n") if one.strip()]
    if environment:
        listed = [f"[cyan]{name}[/cyan]  {escape(meaning)}" for name, meaning in environment.items()]
        paragraphs.append("\n".join(["[bold]Environment[/bold]", *listed]))
    if examples:
        paragraphs.append("\n".join(["[bold]Examples[/bold]", *(f"$ {escape(line)}" for line in examples)]))
    return "\n\n".join(paragraphs)
