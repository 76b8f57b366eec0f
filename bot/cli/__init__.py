"""The ``magpie`` command. Heavy packages are imported within the command that needs them.

Exit status: 0 done, 1 not done, 2 not understood; the errors of Magpie have their own (config.errors).
"""

from __future__ import annotations

import sys

# Each of these modules brings its commands.
from bot.cli import (  # noqa: F401
    ask,
    connect,
    daily,
    doctor,
    evaluate,
    feeds,
    forget,
    history,
    importing,
    keep,
    search,
    service,
    taste,
)
from bot.cli.app import app, echo
from config.errors import MagpieError


def main() -> None:
    """Run the command; what goes wrong is one sentence, and an exit status of its own."""
    try:
        app()
    except MagpieError as error:
        echo(f"magpie: {error}", err=True)
        sys.exit(error.exit_status)
    except KeyboardInterrupt:
        sys.exit(130)
