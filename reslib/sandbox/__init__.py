"""The sandbox: one killable child process per worker, in which extractors run."""
