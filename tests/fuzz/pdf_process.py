"""Fuzzes the PDF entry: damaged PDFs through a real sandbox.

PDFium is native code without instrumentation, so nothing guides the search but the outcomes: an
input that ends in a way not seen yet (code, pages, length of the text) is kept and damaged further.
This shows what our code and the sandbox make of what PDFium gives or of its crashes. It does not
show that PDFium is free of faults; its own project fuzzes it (OSS-Fuzz, pdfium).
"""

from __future__ import annotations

import json
import os
import random
import time
from dataclasses import dataclass, field
from pathlib import Path

import edits
import seeds
from properties import Finding, check_result, scratch

from reslib.errors import ErrorCode
from reslib.models import ExtractionRequest, Outcome
from reslib.sandbox import Sandbox

__all__ = ["TOKENS", "PdfRun", "check_outcome", "fuzz"]

#: Seconds and megabytes that one damaged PDF of a few kilobytes may take.
DEADLINE, MEMORY_MB = 10.0, 1024
_LONGEST = 100_000
#: What may be said of a damaged PDF. Anything else is a finding.
EXPECTED = frozenset(
    {
        *(ErrorCode.MALFORMED, ErrorCode.TRUNCATED, ErrorCode.ENCRYPTED, ErrorCode.EMPTY_FILE),
        ErrorCode.NO_EXTRACTOR,  # the damage made another format of it
    }
)
TOKENS = tuple(
    b"/Type|/Pages|/Page|/Kids[2 0 R]|/Count 999999999|/Contents 8 0 R|/Parent|/Length 2147483647|"
    b"/Filter/FlateDecode|/Filter[/ASCIIHexDecode/ASCII85Decode/LZWDecode/RunLengthDecode]|"
    b"/Encrypt<</Filter/Standard/V/5/R/6>>|/Subtype/Type3|/Subtype/Type0|/ToUnicode|/Encoding|"
    b"/Identity-H|beginbfchar|endbfchar|beginbfrange|<0000><FFFF><D800>|<41><110000>|<41><FFFFFFFF>|"
    b"Tj|TJ|ET|BT|Td|Tf|Tm|cm|Do|q|Q|stream|endstream|endobj|obj|xref|trailer|startxref|1e38|-1e38|"
    b"99999999999|0.0000001|nan|0|-0|<<|>>|[|]|(|)|<FEFFD800>|<FFFE41>|/Title|3 Tr|/Rotate 90|"
    b"/MediaBox[0 0 0 0]|/MediaBox[-1e30 -1e30 1e30 1e30]|/UserUnit 1e30|%PDF-1.7|%%EOF|1 0 R|"
    b"8 0 R".split(b"|")
)


@dataclass(slots=True)
class PdfRun:
    """What a run did."""

    executions: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    kept: int = 0
    findings: list[tuple[str, bytes]] = field(default_factory=list)


def check_outcome(outcome: Outcome) -> str:
    """Return a word for how an attempt ended.

    Raises
    ------
    Finding
        It should not have ended so.
    """
    if outcome.result is not None:
        check_result(outcome.result)
        return "text" if outcome.result.text.strip() else "no text"
    failure = outcome.failure
    if failure is None:
        raise Finding("neither a result nor a failure")
    if failure.error_code not in EXPECTED:
        said = (failure.traceback or failure.stderr_tail or "").strip().splitlines()
        raise Finding(f"{failure.error_code}: {failure} [{said[-1] if said else ''}]")
    return str(failure.error_code)


def fuzz(seconds: float, seed: int, *, most: int | None = None) -> PdfRun:
    """Damage PDFs for some time.

    Parameters
    ----------
    seconds
        How long.
    seed
        Of the random choices. What is kept depends on outcomes only, so that a seed repeats.
    most
        Executions after which it ends, whatever the time.
    """
    source = random.Random(seed)
    corpus = seeds.pdf_seeds()
    seen: set[tuple[object, ...]] = set()
    done = PdfRun()
    path = scratch("damaged.pdf")
    until = time.monotonic() + seconds
    with Sandbox(memory_limit_mb=MEMORY_MB) as sandbox:
        while time.monotonic() < until and done.executions != most:
            if done.executions < len(corpus):
                data = corpus[done.executions]
            else:
                data = edits.apply(source.choice(corpus), edits.random_edits(source), TOKENS)
            path.write_bytes(data)
            outcome = sandbox.run(ExtractionRequest(os.fspath(path), timeout=DEADLINE))
            done.executions += 1
            try:
                how = check_outcome(outcome)
            except Finding as finding:
                done.findings.append((str(finding), data))
                how = "finding"
            done.outcomes[how] = done.outcomes.get(how, 0) + 1
            signs = _signs(how, outcome)
            if signs not in seen and len(data) <= _LONGEST and how != "finding":
                seen.add(signs)
                corpus.append(data)
                done.kept += 1
    return done


def _signs(how: str, outcome: Outcome) -> tuple[object, ...]:
    result = outcome.result
    if result is None:
        return (how, str(outcome.failure))
    kinds = (result.confidence_reason, result.page_count, len(result.text).bit_length())
    return (how, *kinds, round(result.confidence or 0, 1), bool(result.title))


def main(seconds: float, seed: int, folder: Path) -> dict[str, object]:
    """Run, keep the findings in *folder*, return the figures."""
    done = fuzz(seconds, seed)
    for number, (words, data) in enumerate(done.findings):
        (folder / f"pdf-{seed}-{number}.pdf").write_bytes(data)
        (folder / f"pdf-{seed}-{number}.txt").write_text(words)
    return {
        "executions": done.executions,
        "corpus": done.kept,
        "outcomes": json.loads(json.dumps(done.outcomes)),
        "findings": [words for words, _ in done.findings],
    }
