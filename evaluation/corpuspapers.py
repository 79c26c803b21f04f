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
        "headings": "1 Introduction|2 Related Work|3 Datasets|3.1 AutoScholarQuery"
        "|3.2 RealScholarQuery|4 Methodology|4.1 Overview|4.2 Crawler|4.3 Selector"
        "|5 Experiments|5.1 Experimental Setting|5.2 Baselines and Evaluation"
        "|5.3 Main results|5.4 Ablation study|6 Conclusion|References"
        "|A Implementation Details of the Crawler|A.1 Imitation learning data generation"
        "|A.2 Roll-Out in PPO training|B Implementation Details of the Selector"
        "|C Selector Test Dataset|D Dataset Examples|E Prompt Templates"
        "|E.1 Prompts for Baselines|E.2 Prompt for Paper Selection".split("|"),
    },
    "RealityBending__Pyllusion__paper.pdf": {
        "title": "A Parametric Framework to Generate Visual Illusions using Python",
        "authors": "Dominique Makowski|Zen J. Lau|Tam Pham|W. Paul Boyce|S.H. Annabel Chen".split(
            "|"
        ),
        "year": None,
        "headings": "A Parametric Framework for Illusion Research|Pyllusion|Step 1: Parameters"
        "|Step 2: Rendering|Future Plans and Developments|Conflict of Interest Statement"
        "|Acknowledgements|References".split("|"),
    },
    "StellarCartography__survey_seti__ms.pdf": {
        "title": "SETI in the Spatio-Temporal Survey Domain",
        "authors": ["James. R. A. Davenport"],
        "year": 2019,
        "headings": "1. Introduction|2. Why Optical Survey SETI?|3. Potential Strategies"
        "|4. Comparing Optical Surveys to Radio Searches"
        "|5. Example: Distribution of Transiting Exoplanets in the Kepler Field"
        "|5.1. Two-Point Correlation Function|5.2. Clusters of Similarity|6. Discussion"
        "|References".split("|"),
    },
    "WMD-group__SMACT__paper.pdf": {
        "title": "SMACT v4: Enhanced Screening and Prediction Tools for Computational Materials "
        "Design",
        "authors": "Kinga O. Mastej|Anthony Onwuli|Alexander Moriarty|Daniel W. Davies|Ryan Nduma"
        "|Keith T. Butler|Jiwoo Lee|Masahiro Negishi|Panyalak Detrattanawichai|Alex M. Ganose"
        "|Hyunsoo Park|Rhys E. A. Goodall|Tianshu Li|Aron Walsh".split("|"),
        "year": 2026,
        "headings": "Statement of Need|State of the Field|Software Design|Research Impact Statement"
        "|AI Usage Disclosure|Author Contributions|Acknowledgements|References".split("|"),
    },
    "allenai__s2orc-doc2json__2020.acl-main.207.pdf": {
        "title": "SPECTER: Document-level Representation Learning using Citation-informed "
        "Transformers",
        "authors": "Arman Cohan|Sergey Feldman|Iz Beltagy|Doug Downey|Daniel S. Weld".split("|"),
        "year": 2020,
        "headings": "1 Introduction|2 Model|2.1 Overview|2.2 Background: Pretrained Transformers"
        "|2.3 Citation-Based Pretraining Objective|2.4 Selecting Negative Distractors"
        "|2.5 Inference|3 SciDocs Evaluation Framework|3.1 Document Classification"
        "|3.2 Citation Prediction|3.3 User Activity|3.4 Recommendation|4 Experiments"
        "|5 Results|6 Analysis|7 Related Work|8 Conclusions and Future Work"
        "|Acknowledgements|References|A Appendix A - Baseline Details".split("|"),
    },
    "allenai__s2orc-doc2json__N18-3011.pdf": {
        "title": "Construction of the Literature Graph in Semantic Scholar",
        "authors": "Waleed Ammar|Dirk Groeneveld|Chandra Bhagavatula|Iz Beltagy|Miles Crawford"
        "|Doug Downey|Jason Dunkelberger|Ahmed Elgohary|Sergey Feldman|Vu Ha|Rodney Kinney"
        "|Sebastian Kohlmeier|Kyle Lo|Tyler Murray|Hsu-Han Ooi|Matthew Peters|Joanna Power"
        "|Sam Skjonsberg|Lucy Lu Wang|Chris Wilhelm|Zheng Yuan|Madeleine van Zuylen"
        "|Oren Etzioni".split("|"),
        "year": 2018,
        "headings": "1 Introduction|2 Structure of The Literature Graph|2.1 Node Types"
        "|2.2 Edge Types"
        "|3 Extracting Metadata|4 Entity Extraction and Linking|4.1 Approaches"
        "|4.2 Entity Extraction Models|4.3 Knowledge Bases|4.4 Entity Linking Models"
        "|5 Other Research Problems|6 Conclusion and Future Work|References".split("|"),
    },
    "brucemiller__LaTeXML__amsarticle.pdf": {
        "title": "Sample AMSART",
        "authors": ["Joe Blow", "Frank Zappa", "Someone Else"],
        "year": 2013,
        "headings": "1. Introduction|2. A Math Section|3. Section with explicit font".split("|"),
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
        "headings": "1 Introduction|1.1 Contribution|1.2 Related works"
        "|1.3 Representational power of dynoNet architectures|1.4 Notation"
        "|2 Linear dynamical operator|3 Dynamical operator as a deep learning layer"
        "|3.1 Forward operations|3.2 Backward operations"
        "|4 Special cases of linear dynamical operators"
        "|4.1 Finite impulse response structure|4.2 Second-order structure|5 Examples"
        "|5.1 Electronic circuit with Wiener-Hammerstein structure|5.2 Bouc-Wen system"
        "|5.3 Electro-mechanical positioning system|6 Conclusions|Acknowledgments"
        "|References".split("|"),
    },
    "lgbouma__timmy__ms.pdf": {
        "title": "Cluster Difference Imaging Photometric Survey. II. TOI 837: A Young Validated "
        "Planet in IC 2602",
        "authors": _TOI_837.split("|"),
        "year": 2020,
        "headings": "1. Introduction|2. Identification and Follow-up Observations"
        "|2.1. TESS Photometry|2.2. Gaia Astrometry and Imaging"
        "|2.3. High-Resolution Imaging"
        "|2.4. Ground-based Time-Series Photometric Follow-up|2.4.1. El Sauce 0.36 m"
        "|2.4.2. ASTEP400|2.5. Spectroscopic Follow-up|2.5.1. SMARTS 1.5 m / CHIRON"
        "|2.5.2. FEROS|2.5.3. Veloce|3. Assessment of False Positive Scenarios"
        "|3.1. Constraints on False Positive Scenarios|3.1.1. Transit Depth"
        "|3.1.2. Speckle Imaging|3.1.3. Not SB2|3.1.4. RVs|3.1.5. Multicolor Photometry"
        "|3.1.6. Gaia|3.1.7. Patient Imaging|3.2. False positive probability"
        "|4. System Modeling|4.1. The Cluster|4.1.1. Physical Characteristics"
        "|4.1.2. HR Diagram|4.2. The Star|4.2.1. Membership of TOI 837 in IC 2602"
        "|4.2.2. Rotation|4.2.3. Lithium|4.2.4. Stellar Parameters|4.3. The Planet"
        "|5. Discussion|Acknowledgments|References".split("|"),
    },
    "lucydot__effmass__paper.pdf": {
        "title": "effmass: An effective mass package",
        "authors": [],
        "year": 2018,
        "headings": "Related packages|Which features are unique to the effmass package?"
        "|Acknowledgements|References".split("|"),
    },
    "nelson-group__votess__paper.pdf": {
        "title": "votess: A multi-target, GPU-capable, parallel Voronoi tessellator",
        "authors": ["Samridh Dev Singh", "Chris Byrohl", "Dylan Nelson"],
        "year": 2025,
        "headings": "Statement of need|Performance|Features|Acknowledgements|References".split("|"),
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
        "headings": "Statement of need|Verification Suite|Availability and Documentation"
        "|Acknowledgements|References".split("|"),
    },
}
