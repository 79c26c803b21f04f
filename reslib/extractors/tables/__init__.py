"""The tables of a PDF page, told from its words and the lines that are drawn."""
