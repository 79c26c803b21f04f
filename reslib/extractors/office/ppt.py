"""Old presentations (.ppt): what is written on the slides and in their notes.

A slide is a page with the label ``slide 7``, in the order in which they are shown: its texts in the
order in which they are kept, below the line ``Notes:`` what the speaker noted. A hidden slide is
read, and said by a warning. Left out are comments, running lines and what stands on the master
that all slides share; pictures, charts and documents inside are not read.

Written here because the program for it (catppt 0.95) gives half of the words: on 134 presentations
of others 46 % of them, on 60 nothing at all, and says of none that something is missing.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from reslib.errors import PROTECTED, ErrorCode, ExtractionError
from reslib.extractors.office.ole import AGAIN, CUT_SHORT, Container
from reslib.extractors.office.pptrecords import Presentation, Slide
from reslib.items import DocumentInfo, Metadata, Page, Warning

__all__ = ["extract"]

_STREAM, _CURRENT, _DUAL = "PowerPoint Document", "Current User", "PP97_DUALSTORAGE"
#: Streams that only programs before PowerPoint 97 wrote.
_OF_95 = frozenset(("PP40", "Text_Content"))
#: In the stream of the current user ([MS-PPT] 2.3.2): that the document has a password.
_TOKEN, _ENCRYPTED = 12, 0xF3D1C4DF
#: Where it says at which place the last version of the document begins.
_OFFSET = 16


def extract(path: Path) -> Iterator[Page | Metadata | Warning | DocumentInfo]:
    """Yield what is known of the presentation, then each slide.

    Parameters
    ----------
    path
        The presentation.

    Raises
    ------
    ExtractionError
        ``encrypted`` when it has a password; ``malformed`` when it is no sound presentation;
        ``no_extractor`` when it is older than PowerPoint 97.
    """
    with Container(path) as container:
        # PowerPoint 97 could save for the program before it as well, and put its own inside.
        inside = (_DUAL,) if container.is_storage(_DUAL) else ()
        content = container.read(*inside, _STREAM)
        current = container.read(*inside, _CURRENT, most=1024)
        stated = list(container.stated())
        names, is_damaged = container.names(), container.is_damaged
    if not inside and not _OF_95.isdisjoint(names):
        raise ExtractionError(
            "it is a presentation of PowerPoint 4 or 95, which nothing here reads. Save it as "
            ".pptx and add that",
            ErrorCode.NO_EXTRACTOR,
        )
    if not content:
        raise ExtractionError(f"it is no presentation. {AGAIN}", ErrorCode.MALFORMED)
    begins = None
    if len(current) >= _OFFSET + 4:
        token, begins = struct.unpack_from("<II", current, _TOKEN)
        if token == _ENCRYPTED:
            raise ExtractionError(f"the presentation {PROTECTED}", ErrorCode.ENCRYPTED)
    yield DocumentInfo(title=next((each.value for each in stated if each.key == "title"), None))
    yield from stated
    if is_damaged:
        yield DocumentInfo(partial=True, reason=CUT_SHORT)
    presentation = Presentation(content, begins)
    number = 0
    for number, slide in enumerate(presentation.slides(), 1):
        yield _page(slide, number)
        if slide.is_hidden:
            words = f"slide {number} is hidden when the presentation is shown; it is read"
            yield Warning("hidden_slide", words, page=number)
    if presentation.problem:
        yield DocumentInfo(partial=True, reason=presentation.problem)
    if number:
        return
    if presentation.is_sound:
        yield DocumentInfo(reason="it has no slides")
        return
    text = presentation.every_text()
    if not text:
        raise ExtractionError(f"it has no slides that can be read. {AGAIN}", ErrorCode.MALFORMED)
    yield Page(
        text, None, "the list of its slides is damaged: their texts are given as they are kept"
    )
    yield DocumentInfo(partial=True)


def _page(slide: Slide, number: int) -> Page:
    text = slide.text
    if slide.notes:
        text = "\n\n".join(filter(None, (text, f"Notes:\n{slide.notes}")))
    return Page(
        text, None, slide.problem, not text and not slide.problem, number, f"slide {number}"
    )
