"""PDF: what PDFium gives, made into the text that a person reads."""
