"""Texts with light markup: Markdown, reStructuredText and Org, given as they were typed."""
