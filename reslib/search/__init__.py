"""Search: what was typed, where it stands in a text, and how a hit is shown."""
