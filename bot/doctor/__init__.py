"""``magpie doctor``: looks each part over and says what to do.

To add a check, write a function that takes the Patient and yields findings, and name it in its module's CHECKS.
"""

from __future__ import annotations

from bot.doctor import accounts, folder, hours, kept, talker
from bot.doctor.findings import Check, Finding, Health, examine
from bot.doctor.patient import Patient

__all__ = ["CHECKS", "Check", "Finding", "Health", "Patient", "examine"]

CHECKS = (*folder.CHECKS, *kept.CHECKS, *talker.CHECKS, *accounts.CHECKS, *hours.CHECKS)
