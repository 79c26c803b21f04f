"""Papers in the manner of many publishers, typeset here with facts that are made up."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from evaluation import heldlayouts, seenlayouts, unseenlayouts
from evaluation.paperfacts import Facts, made_up
from evaluation.typeset import compile_typst

__all__ = ["HELD", "SEEN", "UNSEEN", "typeset_first_pages"]

_Make = Callable[[Facts, random.Random], list[str]]
#: How a layout is set, and what the DOIs of its publisher begin with. These were looked at while
#: the rules were made.
SEEN: dict[str, tuple[_Make, str]] = {
    "Elsevier": (seenlayouts.elsevier, "10.1016/j.tides"),
    "LNCS": (seenlayouts.lncs, "10.1007/978-3-030-12345-6"),
    "IEEE journal": (seenlayouts.ieee, "10.1109/TIDES"),
    "IEEE conference": (seenlayouts.ieee_blocks, "10.1109/ICT"),
    "PLOS": (seenlayouts.plos, "10.1371/journal.pone"),
    "arXiv": (seenlayouts.article, "10.48550/none"),
    "RevTeX": (seenlayouts.revtex, "10.1103/PhysRevX"),
}
#: These were scored before anything was changed because of them; a few things were, afterwards.
UNSEEN: dict[str, tuple[_Make, str]] = {
    "ACM journal": (unseenlayouts.acm, "10.1145/3360000"),
    "ACM conference": (unseenlayouts.acm_blocks, "10.1145/3360000"),
    "Nature": (unseenlayouts.nature, "10.1038/s41558"),
    "MDPI": (unseenlayouts.mdpi, "10.3390/w"),
    "Wiley": (unseenlayouts.wiley, "10.1002/hyp"),
    "Taylor & Francis": (unseenlayouts.taylor, "10.1080/01234567"),
    "Springer": (unseenlayouts.springer, "10.1007/s10040"),
    "ACL": (unseenlayouts.acl, "10.18653/v1"),
    "manuscript": (unseenlayouts.manuscript, "10.5555/none"),
}
#: These were written and scored when all rules were made.
HELD: dict[str, tuple[_Make, str]] = {
    "Copernicus": (heldlayouts.copernicus, "10.5194/tides"),
    "Frontiers": (heldlayouts.frontiers, "10.3389/ftide"),
    "JOSS": (heldlayouts.joss, "10.21105/joss"),
    "Oxford": (heldlayouts.oxford, "10.1093/tides/btz"),
    "report": (heldlayouts.thesis, "10.5555/none"),
}


def typeset_first_pages(path: Path, layout: str, seed: int) -> Facts:
    """Typeset a paper of three or four pages; return its facts.

    Parameters
    ----------
    path
        The PDF that is made.
    layout
        A key of :data:`SEEN`, :data:`UNSEEN` or :data:`HELD`.
    seed
        The same one makes the same paper.
    """
    make, prefix = {**SEEN, **UNSEEN, **HELD}[layout]
    facts = made_up(seed, prefix)
    compile_typst(make(facts, random.Random(f"{layout} {seed}")), path)
    return facts
