"""Front matter, headings and references of papers, told by the type of their lines."""
