"""Word documents: the package, its parts, and the walk through them."""
