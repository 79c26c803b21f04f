"""From paths to documents: what is in a folder, and which file is which document."""
