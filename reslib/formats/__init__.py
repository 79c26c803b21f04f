"""What a file is: by its content, by its name, and which Unicode it is in."""
