"""The pool: worker threads that claim jobs and supervise the sandboxes that do them."""
