"""The queue: the states of a job, and the transactions that change them."""
