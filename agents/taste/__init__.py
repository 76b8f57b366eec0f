"""What we believe the owner wants, learnt from reactions."""

from agents.taste.beliefs import Belief, Beliefs, Topic, beliefs
from agents.taste.examples import FEEDBACK, LIKES, Example
from agents.taste.posts import Post, post_of
from agents.taste.taste import FEWEST_LIKES, Opinion, Taste, fit

__all__ = [
    "FEEDBACK",
    "FEWEST_LIKES",
    "LIKES",
    "Belief",
    "Beliefs",
    "Example",
    "Opinion",
    "Post",
    "Taste",
    "Topic",
    "beliefs",
    "fit",
    "post_of",
]
