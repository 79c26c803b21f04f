"""The command ``reslib`` as ``python -m reslib``."""

from reslib.commands.cli import main

if __name__ == "__main__":
    main(prog_name="reslib")
