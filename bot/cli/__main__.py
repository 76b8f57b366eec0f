"""``python -m bot.cli`` is ``magpie``."""

from bot.cli import main

if __name__ == "__main__":
    main()
