"""Looking after a library: is it fit, what is wrong inside, and what can be saved."""
