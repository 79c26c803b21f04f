"""The whole caption of a table: its first line, and those below it that go on."""

from __future__ import annotations

from collections.abc import Sequence

from reslib.extractors.layout.layout import Box
from reslib.extractors.layout.lines import Caption, Line, caption_of, pieces_of, text_of

__all__ = ["whole_caption"]

#: Lines of a caption, and how far they are apart, in sizes.
_MOST_LINES, _APART = 10, 1.5


def whole_caption(caption: Caption, box: Box, lines: Sequence[Line]) -> str:
    """Return the text of a caption.

    Parameters
    ----------
    caption
        Its first line.
    box
        Of the table.
    lines
        Of the page, from the top.
    """
    first, last = min(caption.left, box.left), max(caption.right, box.right)
    left, right = first - 2 * caption.size, last + 2 * caption.size
    texts = [caption.text]
    at = caption.baseline
    for line in lines:
        if line.baseline >= at - 0.3 * caption.size:
            continue
        words = [
            word
            for piece in pieces_of(line.words, 1.0)
            if piece[0].left <= last and max(word.right for word in piece) >= first
            for word in piece
            if left <= word.middle[0] <= right
        ]
        if not words:
            continue
        part = line.cut(words)
        if (
            at - line.baseline > _APART * caption.size
            or abs(line.size - caption.size) > 0.08 * caption.size
            or box.bottom <= line.middle <= box.top
            or caption_of(part)
            or len(texts) >= _MOST_LINES
        ):
            break
        texts.append(text_of(words))
        at = line.baseline
    whole = texts[0]
    for text in texts[1:]:
        broken = whole.endswith("-") and text[:1].islower()
        whole = whole[:-1] + text if broken else f"{whole} {text}"
    return whole
