"""Documents and files: folders looked through, and which file is which document."""
