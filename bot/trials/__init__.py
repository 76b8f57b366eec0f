"""Trials: how good Magpie is where an owner can be played whose later wishes are known."""
