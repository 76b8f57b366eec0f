"""Keeping memory for years: backups, exports, forgetting on purpose, and the health of what is derived from it."""
