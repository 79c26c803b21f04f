"""Facts of papers of a corpus, written down by looking at their pages, by names of files."""

from __future__ import annotations

from typing import Any

__all__ = ["PAPERS"]

_TOI_837 = (
    "L. G. Bouma|J. D. Hartman|R. Brahm|P. Evans|K. A. Collins|G. Zhou|P. Sarkis|S. N. Quinn"
    "|J. de Leon|J. Livingston|C. Bergmann|K. G. Stassun|W. Bhatti|J. N. Winn|G. Á. Bakos|L. Abe"
    "|N. Crouzet|G. Dransfield|T. Guillot|W. Marie-Sainte|D. Mékarnia|A. H.M.J. Triaud|C. G. Tinney"
    "|T. Henning|N. Espinoza|A. Jordán|M. Barbieri|S. Nandakumar|T. Trifonov|J. I. Vines|M. "
    "Vuckovic"
    "|C. Ziegler|N. Law|A. W. Mann|G. R. Ricker|R. Vanderspek|S. Seager|J. M. Jenkins|C. J. Burke"
    "|D. Dragomir|A. M. Levine|E. V. Quintana|J. E. Rodriguez|J. C. Smith|B. Wohler"
)

#: An empty title says that the pages have none; a year is one that they print.
PAPERS: dict[str, dict[str, Any]] = {
    "Future-House__paper-qa__pasa.pdf": {
        "title": "PaSa: An LLM Agent for Comprehensive Academic Paper Search",
        "authors": "Yichen He|Guanhua Huang|Peiyuan Feng|Yuan Lin|Yuchen Zhang|Hang Li"
        "|Weinan E".split("|"),
        "year": 2025,
    },
    "RealityBending__Pyllusion__paper.pdf": {
        "title": "A Parametric Framework to Generate Visual Illusions using Python",
        "authors": "Dominique Makowski|Zen J. Lau|Tam Pham|W. Paul Boyce|S.H. Annabel Chen".split(
            "|"
        ),
        "year": None,
    },
    "StellarCartography__survey_seti__ms.pdf": {
        "title": "SETI in the Spatio-Temporal Survey Domain",
        "authors": ["James. R. A. Davenport"],
        "year": 2019,
    },
    "WMD-group__SMACT__paper.pdf": {
        "title": "SMACT v4: Enhanced Screening and Prediction Tools for Computational Materials "
        "Design",
        "authors": "Kinga O. Mastej|Anthony Onwuli|Alexander Moriarty|Daniel W. Davies|Ryan Nduma"
        "|Keith T. Butler|Jiwoo Lee|Masahiro Negishi|Panyalak Detrattanawichai|Alex M. Ganose"
        "|Hyunsoo Park|Rhys E. A. Goodall|Tianshu Li|Aron Walsh".split("|"),
        "year": 2026,
    },
    "allenai__s2orc-doc2json__2020.acl-main.207.pdf": {
        "title": "SPECTER: Document-level Representation Learning using Citation-informed "
        "Transformers",
        "authors": "Arman Cohan|Sergey Feldman|Iz Beltagy|Doug Downey|Daniel S. Weld".split("|"),
        "year": 2020,
    },
    "allenai__s2orc-doc2json__N18-3011.pdf": {
        "title": "Construction of the Literature Graph in Semantic Scholar",
        "authors": "Waleed Ammar|Dirk Groeneveld|Chandra Bhagavatula|Iz Beltagy|Miles Crawford"
        "|Doug Downey|Jason Dunkelberger|Ahmed Elgohary|Sergey Feldman|Vu Ha|Rodney Kinney"
        "|Sebastian Kohlmeier|Kyle Lo|Tyler Murray|Hsu-Han Ooi|Matthew Peters|Joanna Power"
        "|Sam Skjonsberg|Lucy Lu Wang|Chris Wilhelm|Zheng Yuan|Madeleine van Zuylen"
        "|Oren Etzioni".split("|"),
        "year": 2018,
    },
    "brucemiller__LaTeXML__amsarticle.pdf": {
        "title": "Sample AMSART",
        "authors": ["Joe Blow", "Frank Zappa", "Someone Else"],
        "year": 2013,
    },
    "brucemiller__LaTeXML__greek.pdf": {"title": "", "authors": [], "year": None},
    "brucemiller__LaTeXML__physics.pdf": {"title": None, "authors": [], "year": None},
    "deanmalmgren__textract__raw_text.pdf": {"title": None, "authors": [], "year": None},
    "deanmalmgren__textract__two_column.pdf": {
        "title": "The role of mentorship in protégé performance",
        "authors": ["R. Dean Malmgren", "Julio M. Ottino", "Luís A. Nunes Amaral"],
        "year": 2010,
        "doi": "10.1038/nature09040",
    },
    "forgi86__dynonet__ms.pdf": {
        "title": "dynoNet: A neural network architecture for learning dynamical systems",
        "authors": ["Marco Forgione", "Dario Piga"],
        "year": 2021,
    },
    "lgbouma__timmy__ms.pdf": {
        "title": "Cluster Difference Imaging Photometric Survey. II. TOI 837: A Young Validated "
        "Planet in IC 2602",
        "authors": _TOI_837.split("|"),
        "year": 2020,
    },
    "lucydot__effmass__paper.pdf": {
        "title": "effmass: An effective mass package",
        "authors": [],
        "year": 2018,
    },
    "nelson-group__votess__paper.pdf": {
        "title": "votess: A multi-target, GPU-capable, parallel Voronoi tessellator",
        "authors": ["Samridh Dev Singh", "Chris Byrohl", "Dylan Nelson"],
        "year": 2025,
    },
    "py-pdf__sample-files__GeoTopo-komprimiert.pdf": {
        "title": "Einführung in die Geometrie und Topologie",
        "authors": ["Martin Thoma"],
        "year": 2016,
        "language": "de",
    },
    "py-pdf__sample-files__multicolumn.pdf": {
        "title": "Two-Column Document with Lorem Ipsum",
        "authors": ["Your Name"],
        "year": 2024,
    },
    "py-pdf__sample-files__pdflatex-4-pages.pdf": {"title": "", "authors": [], "year": None},
    "stillwater-sc__universal__paper.pdf": {
        "title": "Universal Numbers Library: Multi-format Variable Precision Arithmetic Library",
        "authors": ["E. Theodore L. Omtzigt", "James Quinlan"],
        "year": 2023,
    },
}
