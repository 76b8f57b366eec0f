"""The machine has no say in what is read, and there is a place for a file of settings."""

from __future__ import annotations

from tests.config.written import no_secrets_of_this_machine, toml

__all__ = ["no_secrets_of_this_machine", "toml"]
