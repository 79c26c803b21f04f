"""Papers in XML: JATS, as publishers and archives give them, and TEI, as GROBID writes it."""
