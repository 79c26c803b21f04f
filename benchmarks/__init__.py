"""How fast reslib is: one program for each table, run as ``python benchmarks/queues.py``.

What two folders share is imported by its full name, ``from evaluation.typeset import prose``: an
installation for development, which ``make test`` makes, has the root of the project on its path.
"""
