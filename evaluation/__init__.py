"""How well reslib reads: programs that judge texts, and documents whose every word is known.

They are run as files, ``python evaluation/confidence.py``, and imported as those of ``benchmarks``
are: ``from evaluation.recall import word_recall``.
"""
