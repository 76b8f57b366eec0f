"""``magpie demo``: the sample network flows through the real pipeline, for two days of its owner's life."""
