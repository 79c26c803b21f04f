"""What TeX and BibTeX call characters."""
