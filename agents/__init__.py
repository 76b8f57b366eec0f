"""How Magpie thinks: graphs, stories, taste, models. Nothing here writes or sends."""
