"""What is read of an OpenDocument presentation."""

from __future__ import annotations

from odfparts import SLIDES, Make, box, p, page, read

from reslib.items import Table, Warning


def test_running_lines_of_slides_stand_once_at_the_end_of_the_first_that_has_them(
    odf: Make,
) -> None:
    stated = '<presentation:footer-decl presentation:name="f">Institute</presentation:footer-decl>'
    uses = page(box("a")).replace("<draw:page", '<draw:page presentation:use-footer-name="f"', 1)
    own = page(box("b") + box("1 May", "date-time") + box("Institute", "footer"))
    result = read(odf(stated + uses + own + own, kind=SLIDES))
    assert [p.text for p in result.pages] == ["a\n\nInstitute", "b\n\n1 May", "b"]


def test_slides_are_pages_with_their_titles_first_and_notes_last(odf: Make) -> None:
    notes = f"<presentation:notes>{box('3', 'page-number')}{box('say this', 'notes')}"
    slide = (
        f"{box('a')}<draw:g>{box('b')}</draw:g>{box('Title', 'title')}{box('NO', 'page-number')}"
    )
    body = page(f"{slide}{notes}</presentation:notes>") + page(box("second"))
    result = read(odf(body, kind=SLIDES))
    assert [(s.number, s.label, s.text) for s in result.pages] == [
        (1, "slide 1", "Title\na\nb\n\nNotes:\nsay this"),
        (2, "slide 2", "second"),
    ]


def test_a_hidden_slide_is_read_and_prompts_are_not(odf: Make) -> None:
    hidden = (
        '<style:style style:name="H" style:family="drawing-page">'
        '<style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
    )
    prompt = box("NO", "outline", 'presentation:placeholder="true"')
    body = page(box("a") + prompt) + page(box("b"), "H") + page("")
    result = read(odf(body, automatic=hidden, kind=SLIDES))
    assert [s.text for s in result.pages] == ["a", "b", ""]
    assert result.pages[2].blank
    (warning,) = (i for i in result.items if isinstance(i, Warning))
    assert (warning.code, warning.page) == ("hidden_slide", 2)


def test_a_table_belongs_to_its_slide(odf: Make) -> None:
    cells = f"<table:table-cell>{p('x')}</table:table-cell>"
    table = f"<table:table><table:table-row>{cells}</table:table-row></table:table>"
    body = page(box("a")) + page(f"<draw:frame>{table}<draw:image/></draw:frame>")
    result = read(odf(body, kind=SLIDES))
    assert result.items == (Table((("x",),), page=2),)
    assert result.pages[1].text == "x"
