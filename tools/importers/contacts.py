"""Who hides behind a telephone number: the contacts.csv that Google exports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools.importers.opening import Opened, opened
from tools.importers.reading import table
from tools.importers.rows import RowError


@dataclass(frozen=True)
class Contacts:
    """Names by number, digits only."""

    names: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[RowError, ...] = ()

    @classmethod
    def found(cls, export: Opened, given: object = None) -> Contacts:
        """Of the contacts.csv that lies in the export, or of the one that is given."""
        if given:
            with opened(Path(str(given))) as other:
                return cls.read(other, other.names[0])
        names = export.matching("contacts.csv")
        return cls.read(export, names[0]) if names else cls()

    @classmethod
    def read(cls, export: Opened, name: str) -> Contacts:
        """All contacts that have a number."""
        names: dict[str, str] = {}
        faults: list[RowError] = []
        for row in table(export, name):
            if isinstance(row, RowError):
                faults.append(row)
                continue
            cells = row[1]
            called = " ".join(cells.get(part, "") for part in ("First Name", "Middle Name", "Last Name")).split()
            called = called or cells.get("Name", "").split() or cells.get("Organization Name", "").split()
            for column, cell in cells.items():
                if column.startswith("Phone") and column.endswith("Value"):
                    for number in cell.split(":::"):
                        if called and len(digits(number)) > 5:
                            names[digits(number)] = " ".join(called)
        return cls(names, tuple(faults))

    def name_of(self, number: str) -> str:
        """The name behind a number or a WhatsApp address; empty where there is none."""
        return self.names.get(digits(number.partition("@")[0]), "") if self.names else ""


def digits(number: str) -> str:
    """+49 (171) 23-45 → 491712345."""
    return re.sub(r"\D", "", number)
