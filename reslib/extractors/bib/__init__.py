"""Bibliographies: entries of BibTeX, RIS and CSL-JSON, each as a paragraph that people read."""
