"""The text of a form that is written in XML."""

from __future__ import annotations

from reslib.extractors.pdf.xfa import form_text

DATA = "http://www.xfa.org/schema/xfa-data/1.0/"


def form(template: str, data: str) -> bytes:
    return (
        f'<xdp><template xmlns="http://www.xfa.org/schema/xfa-template/3.3/">{template}</template>'
        f'<xfa:datasets xmlns:xfa="{DATA}"><xfa:data>{data}</xfa:data></xfa:datasets></xdp>'
    ).encode()


def test_fields_of_one_name_take_their_values_in_turn() -> None:
    field = '<field name="Name"/>'
    assert form_text(form(field * 2, "<a><Name>Ann</Name><Name>Bob</Name></a>")) == "Ann\nBob"


def test_a_value_in_rich_text_is_read_once() -> None:
    rich = '<Remark><body xmlns="http://www.w3.org/1999/xhtml"><p>one</p><p>two</p></body></Remark>'
    assert form_text(form('<field name="Remark"/>', f"<a>{rich}</a>")) == "one two"


def test_values_without_a_field_follow_the_form() -> None:
    text = form_text(form("<draw><value><text>Heading</text></value></draw>", "<a><B>left</B></a>"))
    assert text == "Heading\nleft"


def test_a_field_shows_its_own_value_until_one_is_typed() -> None:
    field = '<field name="B"><value><text>grey</text></value></field>'
    assert form_text(form(field, "")) == "grey"
    assert form_text(form(field, "<B>blue</B>")) == "blue"


def test_what_is_hidden_and_what_is_a_program_is_not_read() -> None:
    hidden = '<subform presence="hidden"><draw><value><text>no</text></value></draw></subform>'
    assert form_text(form(hidden + "<event><script>no()</script></event>", "")) == ""


def test_entities_and_broken_xml_bring_nothing_in() -> None:
    outside = b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><template>&e;</template>'
    assert form_text(outside) == ""
    assert form_text(b"\0\xff") == ""
    assert form_text(b"") == ""
