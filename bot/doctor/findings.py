"""What a check says, and how checks are gone through: one that breaks never stops the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.doctor.patient import Patient
from config.errors import MagpieError

log = logging.getLogger(__name__)


class Health(StrEnum):
    """How a thing is."""

    WELL = "well"
    WARNING = "warning"  # it works, and should be looked at
    FAULT = "fault"  # it does not work


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, what was found, and what to do where it is not well.

    What a MagpieError says is a whole sentence with its own advice.
    """

    name: str
    health: Health
    found: str
    advice: str = ""
    part: str = ""


def well(name: str, found: str) -> Finding:
    """As it should be."""
    return Finding(name, Health.WELL, found)


def warning(name: str, found: str, advice: str) -> Finding:
    """It works, and should be looked at."""
    return Finding(name, Health.WARNING, found, advice)


def fault(name: str, found: str, advice: str = "") -> Finding:
    """It does not work."""
    return Finding(name, Health.FAULT, found, advice)


@dataclass(frozen=True, slots=True)
class Check:
    """Something to look at: ``look`` gives one finding or several, and may raise anything. ``part`` groups them."""

    part: str
    name: str
    look: Callable[[Patient], Iterable[Finding]]


def examine(patient: Patient, checks: Iterable[Check]) -> Iterator[Finding]:
    """Go through the checks, one after the other."""
    for check in checks:
        try:
            for finding in check.look(patient):
                yield replace(finding, part=check.part)
        except MagpieError as error:
            yield replace(fault(check.name, str(error)), part=check.part)
        except Exception as error:
            log.info("event=check_broke check=%s", check.name, exc_info=True)
            said = f"this check itself broke ({type(error).__name__})"
            advice = "run 'magpie --verbose doctor' and tell the makers of Magpie what it says"
            yield replace(fault(check.name, said, advice), part=check.part)
