"""The layout of a PDF page: its words and the lines that are drawn, from either of two readers."""
