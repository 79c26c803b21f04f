"""The words on pictures of pages, read by tesseract: a task of its own, after the text."""
