"""The protections of what reads documents, each to be taken away once; see mutations.py."""

from __future__ import annotations

from mutation import CUT, EXTRACTOR, HOSTILE, LESS, NO_LIE, PARTIAL, WHO, Mutation

__all__ = ["EXTRACTOR_MUTATIONS"]

EXTRACTOR_MUTATIONS = (
    Mutation(
        NO_LIE,
        "a document without text is called empty",
        "reslib/extractors/assemble.py",
        "return TextStatus.EMPTY, 0.0, reason",
        "return TextStatus.FULL, 0.0, reason",
        "tests/integration/test_pdf.py",
    ),
    Mutation(
        NO_LIE,
        "a document with a scanned page is called partial",
        "reslib/extractors/assemble.py",
        "status = TextStatus.PARTIAL if without or info.partial else TextStatus.FULL",
        "status = TextStatus.FULL",
        "tests/integration/test_pdf.py",
    ),
    Mutation(
        NO_LIE,
        "words drawn glyph by glyph are whole",
        "reslib/extractors/pdf/pagetext.py",
        "    mend_torn_lines(layer)\n",
        "",
        "tests/integration/test_pdf_torn.py",
    ),
    Mutation(
        NO_LIE,
        "lines of a turned text come in order",
        "reslib/extractors/pdf/pagetext.py",
        "order_turned_text(layer, drawn, rotation, has_tall=bool(tall))",
        "drawn",
        "tests/integration/test_pdf_turned.py",
    ),
    Mutation(
        NO_LIE,
        "a page of words torn into letters is not trusted",
        "reslib/extractors/pdf/confidence.py",
        '        (_in_one_piece(page.text), "words are torn into letters"),\n',
        "",
        "tests/unit/test_confidence.py",
    ),
    Mutation(
        LESS,
        "a part that declares a document type is refused (entities stay unresolved behind it)",
        "reslib/extractors/archive.py",
        "if root.getroottree().docinfo.internalDTD is not None:",
        "if False:",
        HOSTILE,
    ),
    Mutation(
        EXTRACTOR,
        "a process without the extractor does not read the document",
        "reslib/extractors/choice.py",
        "        if accepted.extractor not in registry.custom():\n"
        '            raise _missing(accepted.extractor, "which accepted it when it was added")\n',
        "",
        f"{WHO} -k without",
    ),
    Mutation(
        EXTRACTOR,
        "one of reslib itself does not stand in under the same name",
        "reslib/extractors/choice.py",
        "        if accepted.extractor not in registry.custom():",
        "        if accepted.extractor not in every:",
        f"{WHO} -k stand_in",
    ),
    Mutation(
        EXTRACTOR,
        "it counts for nothing when the document is another one now",
        "reslib/extractors/choice.py",
        "accepted is not None and accepted.holds(mime_type, suffix):",
        "accepted is not None:",
        f"{WHO} -k became_another",
    ),
    Mutation(
        EXTRACTOR,
        "plug-ins come before those of reslib itself",
        "reslib/extractors/installed.py",
        "key=lambda point: (_is_own(point), _package(point), point.name)",
        "key=lambda point: point.name",
        "tests/integration/test_precedence.py",
    ),
    Mutation(
        CUT,
        "pages are kept out of the child as they are read",
        "reslib/extractors/pdf/extractor.py",
        "            if time.monotonic() > worth_keeping:",
        "            if False:",
        PARTIAL,
    ),
    Mutation(
        NO_LIE,
        "an unknown cipher is no scan",
        "reslib/extractors/pdf/pdfopen.py",
        "    if _is_encrypted(document) and (",
        "    if False and (",
        "tests/integration/test_pdf_document.py",
    ),
    Mutation(
        NO_LIE,
        "a page that only asks to wait is not the document",
        "reslib/extractors/pdf/standins.py",
        "    if _asks_to_wait(texts):\n        return StandIn(_WAIT_ALONE)\n",
        "",
        "tests/integration/test_pdf_standins.py",
    ),
)
