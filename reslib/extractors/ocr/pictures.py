"""Files that are pictures: PNG, JPEG, WebP, GIF, and TIFF of many pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.ocr.picture import (
    MOST_DECODED,
    MOST_DPI,
    NOT_SQUARE,
    Scan,
    bounded,
    squared,
    too_large,
)
from reslib.items import DocumentInfo, Page, Progress

__all__ = ["Pictures", "extract"]

_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "GIF", "MPO")
#: More pages of one file are not looked for.
_MOST_PAGES = 100_000
#: What a resolution may be, in dots per inch; where a file states none that is, its page is taken
#: for one of A4.
_LEAST_DPI, _MOST_DPI = 70, 1200
_A4_INCHES = 11.7
#: What programs write who do not know.
_SCREEN = 72


def extract(path: Path) -> Iterator[Page | Progress | DocumentInfo]:
    """Yield a page without words for each picture of a file: OCR reads them."""
    with Pictures.open(path) as pictures:
        for number in range(1, pictures.total + 1):
            reason = "a picture, which OCR has not read"
            yield Page("", 0.0, reason, number=number, wants=("ocr",))
            yield Progress(number, pictures.total)


class Pictures:
    """The pages of one file.

    Parameters
    ----------
    file
        Pillow's, open.
    """

    def __init__(self, file: Any) -> None:
        self._file = file
        # Other formats have several pictures of one page: an animation, a preview.
        self.total = min(_MOST_PAGES, file.n_frames) if file.format == "TIFF" else 1

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Pictures]:
        """Open a file; it is closed at the end.

        Raises
        ------
        ExtractionError
            It cannot be opened.
        """
        import warnings

        from PIL import Image

        Image.MAX_IMAGE_PIXELS = None  # looked at page by page, before anything is decoded
        with warnings.catch_warnings(), path.open("rb") as opened:
            warnings.simplefilter("ignore")
            try:
                file = Image.open(opened, formats=_FORMATS)
                pictures = cls(file)
            except MemoryError:
                raise
            except Exception as error:  # of a damaged file Pillow raises whatever it meets
                raise ExtractionError(
                    f"the picture is damaged, or of a kind that is not read "
                    f"({type(error).__name__}). Open it in a viewer and save it as PNG or TIFF",
                    ErrorCode.MALFORMED,
                ) from error
            yield pictures

    def picture(self, number: int) -> Scan:
        """Return a page in grey, and its resolution.

        Raises
        ------
        ExtractionError
            It is too large, or damaged.
        """
        from PIL import Image, ImageOps

        file = self._file
        try:
            file.seek(number - 1)
            width, height = file.size
            if width * height * (1 if file.mode != "1" else 0.125) > MOST_DECODED:
                raise too_large(width, height)
            across, down = _resolution(file, width, height)
            dpi = max(across, down)
            if file.format == "JPEG" and width * height > 4 * _used_pixels(dpi, width, height):
                file.draft("L", (width // 2, height // 2))
                across, down = (each * file.size[0] // width for each in (across, down))
            across, down = max(1, across), max(1, down)
            page, dpi = squared(_opaque(file), across, down)
            page = ImageOps.exif_transpose(page)
        except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
            raise ExtractionError(
                f"the picture is damaged ({type(error).__name__})", ErrorCode.MALFORMED
            ) from error
        is_coarse = max(across, down) >= NOT_SQUARE * min(across, down)
        return Scan(*bounded(page, dpi), is_coarse)


def _used_pixels(dpi: int, width: int, height: int) -> float:
    """Return how many pixels of a picture are used."""
    return width * height * min(1.0, MOST_DPI / dpi) ** 2


def _resolution(file: Any, width: int, height: int) -> tuple[int, int]:
    """Return the dots per inch, across and down: as stated, or as if it were a page of A4."""
    stated = file.info.get("dpi") or (0, 0)
    try:
        across, down = (round(float(each)) for each in stated[:2])
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        across = down = 0
    if min(across, down) >= _LEAST_DPI and max(across, down) <= _MOST_DPI and across != _SCREEN:
        return across, down
    guessed = max(_LEAST_DPI, round(max(width, height) / _A4_INCHES))
    return guessed, guessed


def _opaque(file: Any) -> Any:
    """Return a picture in grey, on white where one sees through it."""
    from PIL import Image

    if file.mode == "I;16" or file.mode == "I":
        return file.point(lambda value: value / 256).convert("L")
    if file.mode in ("RGBA", "LA", "PA") or "transparency" in file.info:
        colored = file.convert("RGBA")
        paper = Image.new("RGBA", colored.size, "white")
        paper.alpha_composite(colored)
        return paper.convert("L")
    return file.convert("L")
