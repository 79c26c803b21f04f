"""Search: queries, where their words stand in a text, snippets and hits."""
