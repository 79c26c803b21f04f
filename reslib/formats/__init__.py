"""The type of a file: by its content, by its name, and the form of Unicode it is in."""
