"""The queue: the state machine of jobs, and the rows that an attempt leaves."""
