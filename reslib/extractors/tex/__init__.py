"""TeX and BibTeX: the names that they have for characters."""
