"""magpie doctor: each part looked over, in one line each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bot.cli.app import CONFIG, Config, app, beside, echo, echo_json
from config.errors import ConfigError

if TYPE_CHECKING:
    from bot.doctor import Finding

SETTINGS: Final = "settings"
MARKS: Final = {"well": ("✓", "green"), "warning": ("!", "yellow"), "fault": ("✗", "red")}


@app.command()
def doctor(
    config: Config = CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: JSON, one finding a line.")] = False,
) -> None:
    """Look each part over, and say what to do."""
    counts = {"well": 0, "warning": 0, "fault": 0}
    part, status = "", 1
    for finding in _findings(config):
        status = ConfigError.exit_status if finding.part == SETTINGS and finding.health == "fault" else status
        counts[finding.health] += 1
        if as_json:
            echo_json(asdict(finding))
            continue
        if finding.part != part:
            part = finding.part
            typer.secho(part, bold=True)
        _show(finding)
    if not as_json:
        echo(_sum(counts))
    if counts["fault"]:
        raise typer.Exit(status)


def _findings(config: Path) -> Iterator[Finding]:
    from bot.doctor import CHECKS, Finding, Health, Patient, examine

    try:
        magpie = beside(config)
    except ConfigError as error:
        yield Finding("file", Health.FAULT, f"{error} Nothing else can be looked at before.", part=SETTINGS)
        return
    yield from examine(Patient(magpie, config), CHECKS)


def _show(finding: Finding) -> None:
    from bot.channels.rendering import clean

    mark, colour = MARKS[finding.health]
    advice = f" → {finding.advice}" if finding.advice else ""
    line = " ".join(clean(f"{finding.name}: {finding.found}{advice}").split())
    typer.echo(f"  {typer.style(mark, fg=colour)} {line}")


def _sum(counts: dict[str, int]) -> str:
    troubles = [(counts["fault"], "fault"), (counts["warning"], "warning")]
    told = [f"{number} {name}{'s' * (number > 1)}" for number, name in troubles if number]
    return f"{', '.join(told)}; {counts['well']} checks well." if told else "All is well."
