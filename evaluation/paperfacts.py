"""Facts of papers that do not exist: who wrote what, when, where, and what is cited."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from evaluation.typeset import prose

__all__ = ["Author", "Cited", "Facts", "made_up"]

#: Given names and family names of many languages, in the letters of each.
_GIVEN = (
    "Ann|Bo|Carla|Jean-Pierre|José Ángel|Łukasz|Björk|Şebnem|Wei|Xiaoming|Priya|Mohammed|Olga"
    "|Søren|Anaïs|Zoë|Tomáš|Kwame|Yuki|Hye-jin|Ngọc Anh|Maria Grazia|Hans Peter|Siân|Ibrahim"
    "|Fatima Zahra|Guðrún|Andrés|Chloe|Ravi"
).split("|")
_FAMILY = (
    "Reed|Li|van der Berg|Muñoz-García|Świątek|Guðmundsdóttir|Çelik|Zhang|Wang|Subramanian|El-Sayed"
    "|Ivanova|Ørsted|de la Cruz|O’Connor|D’Angelo|McDonald|Nováková|Mensah|Tanaka|Kim|Nguyễn|Di "
    "Marco"
    "|Müller|Ó Briain|Okonkwo|Benali|von Humboldt|Lefèvre|Brown|Green|Marsh|Hill|Field|Young|Long"
    "|Rivers|Sun|Waters|Paris"
).split("|")
_OTHER_LETTERS = ("Иван Петров", "Γιώργος Παπαδόπουλος", "Ольга Смирнова", "Νίκος Γεωργίου")
_SUBJECTS = (
    "tidal range|sediment transport|urban heat|pollen deposition|soil moisture|harbour noise"
    "|river ice|glacier retreat|coastal erosion|groundwater recharge|lake stratification"
    "|reed bed ecology|insect migration|peat formation|salt marsh accretion|storm surge"
).split("|")
_WAYS = (
    "{A} and its influence on {b} in shallow estuaries"
    "|How does {a} respond to {b}?"
    "|{A}: a review of methods, data and open questions"
    "|Towards a unified model of {a}"
    "|The role of {a} in long-term {b}: evidence from three decades of observations at forty-two "
    "stations along the northern coast"
    "|Machine learning for {a} prediction"
    "|A Bayesian approach to {a} under uncertain {b}"
    "|Measuring {a} with low-cost sensors"
    "|On the relation between {a} and {b}"
    "|{A} revisited: what 1,200 cores tell us about {b}"
    "|Rapid decline of {a} since 1990"
    "|Open data and software for {a}"
    "|An Introduction to Uncertainty in {A} and {B}"
    "|Editorial practice, reproducibility and {a}"
    "|University students’ perception of {a}"
    "|{A} in the journal literature, 1980–2015"
).split("|")
_PLACES = (
    "Department of Hydrology, University of Somewhere, 12 Long Street, Somewhere, UK"
    "|Institute of Coastal Research, 28359 Bremen, Germany"
    "|School of Earth Sciences, Northern University, Uppsala 752 36, Sweden"
    "|Laboratoire d’Océanographie, CNRS, Université de Nulle Part, 29200 Brest, France"
    "|State Key Laboratory of Estuaries, East Coast University, Shanghai 200241, China"
    "|National Centre for Atmospheric Science, Leeds LS2 9JT, UK"
    "|Graduate School of Engineering, Kyoto Institute, Kyoto, Japan"
    "|Norwegian Polar Agency, Fram Centre, Tromsø"
    "|Facultad de Ciencias, Universidad del Sur, Montevideo, Uruguay"
).split("|")
_JOURNALS = (
    "Journal of Tides|Coastal Letters|Annals of Estuaries|Water and Climate|Marine Methods"
    "|Transactions on Shallow Seas|Earth Observations|Quaternary Notes"
).split("|")
_KEYWORDS = (
    "tides|estuaries|harbours|machine learning|sediment|climate change|remote sensing|Bayesian "
    "inference|salt marshes|open data|field survey|hydrology|North Sea|time series"
).split("|")
_MONTHS = (
    "January February March April May June July August September October November December"
).split()


@dataclass(slots=True)
class Author:
    """An author: the name, where they work (numbers from 1), and what else is printed."""

    given: str
    family: str
    places: list[int]
    orcid: str
    corresponding: bool = False

    @property
    def name(self) -> str:
        """The whole name."""
        return f"{self.given} {self.family}".strip()

    @property
    def mail(self) -> str:
        """An address for letters."""
        letters = "".join(c for c in self.family.lower() if c.isascii() and c.isalpha())
        return f"{letters or 'office'}@coast.example.org"


@dataclass(slots=True)
class Cited:
    """A work that is cited, with its DOI or without."""

    text: str
    doi: str = ""


@dataclass(slots=True)
class Facts:
    """The facts of one paper, and the dates that stand around the one that counts."""

    title: str
    authors: list[Author]
    places: list[str]
    year: int
    doi: str
    journal: str
    volume: int
    month: str
    received: str
    accepted: str
    online: str
    copyright_year: int
    abstract: str
    keywords: list[str]
    cited: list[Cited]
    #: The DOI of another work that stands in the text of the first page.
    other_doi: str
    sentences: list[str]
    #: As they are printed, in the order of the page.
    headings: list[str] = field(default_factory=list)
    #: Whether the layout prints the keywords.
    has_keywords: bool = True

    @property
    def short(self) -> str:
        """The authors as a running head has them."""
        first = self.authors[0].family or self.authors[0].given
        return f"{first} et al." if len(self.authors) > 2 else first


def made_up(seed: int, prefix: str) -> Facts:
    """Return the facts of a paper; the same ones for the same *seed*.

    Parameters
    ----------
    seed
        Any number.
    prefix
        That of the publisher's DOIs, such as ``10.1016/j.tides``.
    """
    draw = random.Random(f"{seed} {prefix}")
    sentences = prose(seed + 77, 110)
    first, second = draw.sample(_SUBJECTS, 2)
    title = draw.choice(_WAYS).format(
        a=first, b=second, A=first[0].upper() + first[1:], B=second[0].upper() + second[1:]
    )
    if draw.random() < 0.3:
        title = title.title().replace("’S", "’s")
    places = draw.sample(_PLACES, draw.randint(1, 4))
    year = draw.randint(1998, 2025)
    day = draw.randint(1, 28)
    cited = [_cited(draw) for _ in range(draw.randint(8, 16))]
    return Facts(
        title=title,
        authors=_authors(draw, len(places)),
        places=places,
        year=year,
        doi=f"{prefix}.{year}.{draw.randint(100, 9999):04d}" if draw.random() < 0.85 else "",
        journal=draw.choice(_JOURNALS),
        volume=draw.randint(3, 240),
        month=draw.choice(_MONTHS),
        received=f"{day} {draw.choice(_MONTHS)} {year - draw.choice((1, 1, 2))}",
        accepted=f"{day} {draw.choice(_MONTHS)} {year - draw.choice((0, 1))}",
        online=f"{day} {draw.choice(_MONTHS)} {year - draw.choice((0, 0, 1))}",
        copyright_year=year - draw.choice((0, 0, 0, 1)),
        abstract=" ".join(sentences[100:106]),
        keywords=draw.sample(_KEYWORDS, draw.randint(3, 6)),
        cited=cited,
        other_doi=f"10.{draw.randint(1000, 9999)}/other.{draw.randint(1, 99999)}",
        sentences=sentences,
    )


def _authors(draw: random.Random, places: int) -> list[Author]:
    count = draw.choice((1, 2, 2, 3, 3, 4, 5, 6, 9, 14))
    style = draw.choice(("full", "full", "full", "middle", "initials"))
    authors: list[Author] = []
    families = draw.sample(_FAMILY, min(count, len(_FAMILY)))
    for number in range(count):
        given = draw.choice(_GIVEN)
        if style == "middle" and " " not in given:
            given = f"{given} {draw.choice('ABDEGHJKLMNPRST')}."
        elif style == "initials":
            given = (
                f"{given[0]}. {draw.choice('ABDEGHJKLMNPRST')}." if number % 2 else f"{given[0]}."
            )
        family = families[number]
        if style == "full" and draw.random() < 0.04:
            given, family = draw.choice(_OTHER_LETTERS).split()
        own = sorted(draw.sample(range(1, places + 1), min(places, draw.choice((1, 1, 1, 2)))))
        orcid = "-".join(["0000", *(str(draw.randint(1000, 9999)) for _ in range(3))])
        authors.append(Author(given, family, own, orcid))
    draw.choice(authors).corresponding = True
    return authors


def _cited(draw: random.Random) -> Cited:
    first, second = draw.sample(_FAMILY, 2)
    subject, other = draw.sample(_SUBJECTS, 2)
    year, volume = draw.randint(1975, 2020), draw.randint(1, 300)
    page = draw.randint(1, 900)
    text = (
        f"{first}, {draw.choice('ABCDE')}., {second}, {draw.choice('FGHIJ')}.: "
        f"{subject.capitalize()} "
        f"and {other}. {draw.choice(_JOURNALS)} {volume}, {page}–{page + 12} ({year})"
    )
    doi = f"10.{draw.randint(1000, 9999)}/cited.{draw.randint(1, 99999)}"
    return Cited(text, doi if draw.random() < 0.6 else "")
