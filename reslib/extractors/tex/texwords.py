r"""The commands of TeX, of LaTeX and of the usual packages and classes: what a reader sees of each.

Every line of :data:`_ARGUMENTS` says what its commands do, letter by letter:

======  ==========================================================================
``o``   an argument in square brackets, which is not shown
``O``   one that is shown
``m``   an argument in braces, which is not shown
``t``   one that is shown
``v``   the slides that it is for, in angle brackets
``r``   an argument in round brackets, which is not shown
``c``   the name of a command
``d``   a length, as plain TeX writes it
``=``   nothing: only what follows is shown
``P``   a paragraph begins
``L``   a line begins
``S``   a space
======  ==========================================================================
"""

from __future__ import annotations

from reslib.extractors.tex.texsymbols import SIGNS

# ruff: noqa: RUF001 - characters that look alike are meant

__all__ = [
    "ARGUMENTS",
    "CHARACTERS",
    "CITATIONS",
    "CONDITIONS",
    "DEFINITIONS",
    "FORMULAS",
    "FRONT",
    "HEADINGS",
    "LAYOUT",
    "LISTINGS",
    "LISTS",
    "PICTURES",
    "REFERENCES",
    "TABLES",
    "THEOREMS",
    "WORDS",
]

_ARGUMENTS = r"""
=: nopagenumbers folio
P: proclaim endproclaim demo enddemo topmatter endtopmatter endtitle endauthor endabstract
P: document enddocument head endhead subhead endsubhead heading endheading
m: noalign
=: immediate qed qedhere bsp
=: protect displaystyle textstyle relax noindent indent centering raggedright raggedleft flushleft
=: flushright justifying samepage normalsize small footnotesize scriptsize tiny large Large LARGE
=: huge Huge rm it bf sc sl tt sf em cal mit normalfont rmfamily sffamily ttfamily mdseries
=: bfseries upshape itshape slshape scshape selectfont boldmath unboldmath maketitle
=: tableofcontents listoffigures listoftables frontmatter mainmatter backmatter appendix sloppy
=: fussy frenchspacing nonfrenchspacing obeylines obeyspaces onehalfspacing doublespacing
=: singlespacing onecolumn twocolumn null strut allowbreak nobreak expandafter urlprefix urlstyle
=: leavevmode ignorespaces unskip begingroup endgroup bgroup egroup
=: nonumber notag nopagebreak nolinebreak goodbreak raggedbottom flushbottom normalbaselines
=: balance printindex makeindex makeglossaries printglossaries printglossary newblock startdata
=: today thepage linenumbers nolinenumbers global long outer xdef gdef acknowledgmentsname
=: twocolumngrid onecolumngrid titlepage textnormal textrm textbf textit textsl textsc textsf
=: texttt textmd textup emph mbox hbox vbox fbox underline uline uwave sout textls text
=: textsuperscriptbase url nolinkurl path colhead lowercase uppercase MakeUppercase MakeLowercase
=: MakeTextUppercase natexlab bibnamefont bibfnamefont citenamefont thead makecell orgname
=: orgaddress fnm sur spfx sfx orgdiv city country state postcode street institution department
=: position streetaddress IEEEmembership doublespace
=: singlespace llap rlap clap smash IEEEPARstart IEEEpeerreviewmaketitle
=: IEEEoverridecommandlockouts makecover ttdefault leftmargin itemsep thinspace hline
=: centerline leftline rightline line reflectbox
S: quad qquad hfill enspace enskip space thickspace medspace negthinspace hfil hss dotfill
S: hrulefill nobreakspace textvisiblespace
P: par smallskip medskip bigskip newpage clearpage cleardoublepage pagebreak vfill vfil eject
P: endgraf filbreak smallbreak medbreak bigbreak vss hrule maketitlepage
L: newline linebreak cr tabularnewline break State Statex STATE
o: toprule midrule bottomrule footnotemark phantomsection
m: label index glossary vspace hspace addvspace pagestyle thispagestyle pagenumbering
m: bibliographystyle hypersetup graphicspath setlist captionsetup lstset sisetup usetikzlibrary
m: tikzset pgfplotsset color nocite markright cline vphantom phantom hphantom linespread
m: stepcounter refstepcounter value selectlanguage balancecolumns theoremstyle bibdata citation
m: bibstyle includeonly usebeamertemplate setbeamercovered usetheme usecolortheme setstretch
m: extrarowheight bibpunct shorttitle shortauthors tablewidth tabletypesize received revised
m: accepted submitted slugcomment hyphenation acrodefplural sectionmark chaptermark theoremsymbol
m: needspace setcitestyle copyrightyear acmYear acmISBN setcopyright acmPrice ifthenelse vglue
m: hglue fontfamily fontseries fontshape typeout message special pdfinfo inputencoding
mm: defcitealias setlength addtolength setcounter addtocounter settowidth settoheight markboth
mm: fontsize numberwithin setbeamercolor setbeamerfont DeclareGraphicsRule addtocontents colorlet
mmm: definecolor addcontentsline providecolor
omm: rule
mmmm: specialrule
om: includegraphics epsfig newlength usepackage documentclass documentstyle RequirePackage
om: LoadClass footnoteset includepdf fancyhead fancyfoot fancyhf lhead chead rhead lfoot cfoot
om: rfoot acmConference acmDOI rlhead setbeamertemplate PassOptionsToPackage
orm: cmidrule
omt: textcolor colorbox
mt: foreignlanguage hypertarget hyperlink bibfield adjustbox altaffiltext
mmt: resizebox fcolorbox textblock multirowcell
moot: raisebox
mot: scalebox rotatebox
ooomt: parbox
oot: makebox framebox
ot: hyperref shortstack substack xleftarrow
Ot: subfloat subfigure subtable
tm: texorpdfstring
t: textsubscript colnumbers
v: onslide invisible uncover visible only alert
vt: action
vtStSt: alt temporal
PotP: affil affiliation affiliations address institute curraddr altaffiliation icmlaffiliation
PotP: subjclass pacs msc ccsdesc
PtP: software facilities facility email dedicatory dedication titlehead publishers homepage orcid
PtP: urladdr articletype paper significancestatement supportinginformation tablecomments
PtP: tablerefs
PmtP: tablenotetext
LtS: Comment
=: noaffiliation BibitemOpen SetAlgoLined DontPrintSemicolon LinesNumbered pause
m: fnref tnoteref corref bstctlcite BibitemShut pubyear pagerange volume authorrunning titlerunning
o: authornotemark addlinespace
om: Description SetKwComment
mm: SetKwInOut SetKwFunction SetKwInput SetKwData SetKw
mt: bibinfo Eprint
Lt: IEEEauthorblockN IEEEauthorblockA
PtP: preprint collaboration PACS MSC
PotP: ead
"""
#: Commands of :data:`_ARGUMENTS` by their names, each with what it does.
ARGUMENTS: dict[str, str] = {}
for _line in _ARGUMENTS.strip().splitlines():
    _signature, _names = _line.split(":")
    ARGUMENTS.update((_name, _signature.strip("=")) for _name in _names.split())

#: Lengths and numbers that plain TeX sets without braces.
LAYOUT = frozenset(
    "overfullrule "
    "vskip hskip kern mskip hsize vsize parindent parskip baselineskip leftskip rightskip "
    "textwidth textheight oddsidemargin evensidemargin topmargin headheight headsep footskip "
    "voffset hoffset penalty tolerance hfuzz vfuzz hbadness vbadness clubpenalty widowpenalty "
    "linewidth columnsep magnification pageno mathsurround lineskip tabcolsep arraycolsep "
    "raise lower itemindent listparindent labelsep labelwidth abovecaptionskip "
    "belowcaptionskip interlinepenalty emergencystretch".split()
)

#: Commands that stand for characters.
CHARACTERS = {
    "LaTeX": "LaTeX",
    "LaTeXe": "LaTeX2e",
    "TeX": "TeX",
    "BibTeX": "BibTeX",
    "XeTeX": "XeTeX",
    "LuaTeX": "LuaTeX",
    "XeLaTeX": "XeLaTeX",
    "pdfTeX": "pdfTeX",
    "AmS": "AMS",
    "dots": "…",
    "ldots": "…",
    "textellipsis": "…",
    "cdots": "⋯",
    "copyright": "©",
    "textcopyright": "©",
    "textregistered": "®",
    "texttrademark": "™",
    "S": "§",
    "textsection": "§",
    "P": "¶",
    "textparagraph": "¶",
    "dag": "†",
    "dagger": "†",
    "textdagger": "†",
    "ddag": "‡",
    "ddagger": "‡",
    "textdaggerdbl": "‡",
    "pounds": "£",
    "textsterling": "£",
    "euro": "€",
    "texteuro": "€",
    "EUR": "€",
    "textyen": "¥",
    "textcent": "¢",
    "textdegree": "°",
    "degree": "°",
    "degreeCelsius": "°C",
    "celsius": "°C",
    "textcelsius": "°C",
    "textmu": "µ",
    "textohm": "Ω",
    "textperthousand": "‰",
    "textbullet": "•",
    "textperiodcentered": "·",
    "textbackslash": "\\",
    "backslash": "\\",
    "textbar": "|",
    "textless": "<",
    "textgreater": ">",
    "textunderscore": "_",
    "textasciicircum": "^",
    "textquotedbl": '"',
    "textquotesingle": "'",
    "textasciigrave": "`",
    "textbraceleft": "{",
    "textbraceright": "}",
    "lbrace": "{",
    "rbrace": "}",
    "textdollar": "$",
    "textexclamdown": "¡",
    "textquestiondown": "¿",
    "textonehalf": "½",
    "textonequarter": "¼",
    "textthreequarters": "¾",
    "texttwosuperior": "²",
    "textthreesuperior": "³",
    "textonesuperior": "¹",
    "textordfeminine": "ª",
    "textordmasculine": "º",
    "textpm": "±",
    "texttimes": "×",
    "textdiv": "÷",
    "textminus": "−",
    "textrightarrow": "→",
    "textleftarrow": "←",
    "textnumero": "№",
    "guillemotleft": "«",
    "guillemotright": "»",
    "guillemetleft": "«",
    "guillemetright": "»",
    "guilsinglleft": "‹",
    "guilsinglright": "›",
    "og": "« ",
    "fg": " »",
    "flqq": "«",
    "frqq": "»",
    "glqq": "„",
    "grqq": "“",
    "quotedblbase": "„",
    "quotesinglbase": "‚",
    "lq": "‘",
    "rq": "’",
    "slash": "/",
    "textasteriskcentered": "∗",
    "checkmark": "✓",
    "textquotedblleft": "“",
    "textquotedblright": "”",
    "aap": "A&A",
    "apj": "ApJ",
    "apjl": "ApJL",
    "apjs": "ApJS",
    "aj": "AJ",
    "mnras": "MNRAS",
    "prd": "PRD",
    "prl": "PRL",
    "pasp": "PASP",
    "araa": "ARA&A",
    "nat": "Nature",
}
#: Words that commands of algorithms and of bibliographies write.
WORDS = {
    "If": "if",
    "ElsIf": "else if",
    "Else": "else",
    "EndIf": "end if",
    "For": "for",
    "ForAll": "for all",
    "EndFor": "end for",
    "While": "while",
    "EndWhile": "end while",
    "Repeat": "repeat",
    "Until": "until",
    "Return": "return",
    "Function": "function",
    "EndFunction": "end function",
    "Procedure": "procedure",
    "EndProcedure": "end procedure",
    "IF": "if",
    "ELSIF": "else if",
    "ELSE": "else",
    "ENDIF": "end if",
    "FOR": "for",
    "ENDFOR": "end for",
    "WHILE": "while",
    "ENDWHILE": "end while",
    "RETURN": "return",
    "Require": "Require:",
    "Ensure": "Ensure:",
    "KwIn": "Input:",
    "KwOut": "Output:",
    "KwData": "Data:",
    "KwResult": "Result:",
    "KwRet": "return",
    "ForEach": "for each",
    "eIf": "if",
    "uIf": "if",
    "lIf": "if",
    "ElseIf": "else if",
    "uElseIf": "else if",
    "uElse": "else",
    "lElse": "else",
    "REQUIRE": "Require:",
    "ENSURE": "Ensure:",
}
HEADINGS = {
    "part": 0,
    "chapter": 1,
    "addchap": 1,
    "section": 2,
    "addsec": 2,
    "subsection": 3,
    "subsubsection": 4,
    "paragraph": 5,
    "subparagraph": 6,
    "frametitle": 5,
    "framesubtitle": 6,
    "specialsection": 2,
}
#: What is said of a document before it begins, and the key of the item that it becomes.
FRONT = {
    "title": "title",
    "icmltitle": "title",
    "subtitle": "subtitle",
    "author": "author",
    "icmlauthor": "author",
    "authors": "author",
    "date": "date",
    "keywords": "keywords",
    "keyword": "keywords",
    "IEEEkeywords": "keywords",
    "affil": "affiliation",
    "affiliation": "affiliation",
    "address": "affiliation",
    "institute": "affiliation",
    "email": "",
    "abstract": "abstract",
    "correspondingauthor": "",
    "corresponding": "",
    "curraddr": "affiliation",
    "dedicatory": "",
    "subjclass": "",
    "titlehead": "",
    "publishers": "",
}
CITATIONS = frozenset(
    "cite citep citet citealp citealt citeauthor citeyear citeyearpar citenum parencite "
    "textcite autocite footcite footcitetext smartcite supercite fullcite footfullcite "
    "citetitle citeurl Cite Citep Citet Citealt Citealp Citeauthor Parencite Textcite Autocite "
    "onlinecite citeA citetalias citepalias citeNP citeN shortcite shortciteA citeasnoun "
    "possessivecite citefullauthor".split()
)
REFERENCES = frozenset(
    "ref eqref pageref autoref cref Cref nameref vref Vref subref fref Fref sref prettyref "
    "fullref labelcref cpageref zcref tref".split()
)
#: Commands that give a meaning to a name; what follows them is no text.
DEFINITIONS = frozenset(
    "newrobustcmd renewrobustcmd providerobustcmd "
    "newcommand renewcommand providecommand DeclareRobustCommand newcommandx "
    "NewDocumentCommand RenewDocumentCommand ProvideDocumentCommand DeclareDocumentCommand "
    "DeclareMathOperator newenvironment renewenvironment NewDocumentEnvironment newtheorem def "
    "edef gdef xdef let futurelet newif newcounter newsavebox newlength newdimen newcount "
    "newtoks newskip newbox DeclarePairedDelimiter DeclareFixedFont newacronym "
    "newglossaryentry acrodef font mathchardef AtBeginDocument AtEndDocument AtEndPreamble "
    "AfterPreamble AfterEndPreamble AfterEndDocument AtBeginEnvironment AtEndEnvironment "
    "BeforeBeginEnvironment AfterEndEnvironment titleformat titlespacing DeclareFieldFormat "
    "DeclareUnicodeCharacter DeclareSIUnit lstdefinelanguage lstdefinestyle newtcolorbox "
    "newfloat DeclareCaptionFormat newlist newcolumntype newfont".split()
)
#: Conditions of TeX, and how many commands are their test.
CONDITIONS = {
    "ifx": 2,
    "if": 0,
    "ifcat": 0,
    "ifnum": 0,
    "ifdim": 0,
    "ifodd": 0,
    "ifcase": 0,
    "ifdefined": 1,
    "ifcsname": 0,
    "ifmmode": 0,
    "ifvmode": 0,
    "ifhmode": 0,
    "ifpdf": 0,
    "ifxetex": 0,
    "ifluatex": 0,
    "iftutex": 0,
    "ifhbox": 0,
    "ifvoid": 0,
    "ifeof": 0,
}
#: Environments whose content is shown as it is typed; those of the second set are not shown.
LISTINGS = frozenset("verbatim Verbatim BVerbatim lstlisting minted spverbatim code".split())
PICTURES = frozenset("tikzpicture pgfpicture picture pspicture tikzcd axis forest".split())
FORMULAS = frozenset(
    "equation align alignat flalign gather multline eqnarray displaymath math dmath xalignat "
    "aligned gathered IEEEeqnarray empheq".split()
)
#: Environments that are tables, and their arguments that are not shown.
TABLES = {
    "tabular": "om",
    "tabularx": "mom",
    "tabulary": "mm",
    "tabu": "m",
    "longtable": "om",
    "longtabu": "m",
    "supertabular": "m",
    "xtabular": "m",
    "mpxtabular": "m",
    "deluxetable": "m",
    "array": "om",
    "tblr": "om",
    "longtblr": "om",
    "tabularray": "om",
    "NiceTabular": "om",
}
LISTS = frozenset(
    "itemize enumerate description list inparaenum inparaitem compactitem compactenum "
    "compactdesc asparaenum asparaitem enumerate* itemize* trivlist tightitemize "
    "tightenumerate cvitems dingautolist dinglist".split()
)
#: Environments whose name is written where they begin.
THEOREMS = {
    "theorem": "Theorem",
    "lemma": "Lemma",
    "corollary": "Corollary",
    "proposition": "Proposition",
    "definition": "Definition",
    "remark": "Remark",
    "example": "Example",
    "conjecture": "Conjecture",
    "claim": "Claim",
    "proof": "Proof",
}
#: Signs of formulas that texts have too.
for _name in "alpha beta gamma delta pm times sim approx leq geq rightarrow infty star".split():
    CHARACTERS.setdefault(_name, SIGNS[_name])
