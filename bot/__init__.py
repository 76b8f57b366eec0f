"""Where Magpie lives; the only folder that builds things."""
