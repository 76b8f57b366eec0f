"""How Magpie reaches the world: sources, importers, the guarded web, and the read-only hands of the model."""
