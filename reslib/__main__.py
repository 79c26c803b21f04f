"""``python -m reslib`` is the command ``reslib``."""

from reslib.commands.cli import main

if __name__ == "__main__":
    main(prog_name="reslib")
