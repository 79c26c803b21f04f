"""OpenDocument files: texts and presentations, packed and flat."""
