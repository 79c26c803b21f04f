"""Maintenance of a library: its check, its repair, and what can be saved of a damaged one."""
