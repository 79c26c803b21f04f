"""The command line: its commands, what they print and write, and how they end."""
