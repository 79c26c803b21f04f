-- Documents remember who accepted them, jobs who was asked for, and a text that is read again stays.
-- Which extractor accepted a document when it was added, and for which type and suffix. Only those
-- that people registered or that plug-ins bring: reslib's own are in every process.
CREATE TABLE attachment_extractors (
    attachment_id INTEGER PRIMARY KEY REFERENCES attachments (id) ON DELETE CASCADE,
    extractor     TEXT NOT NULL,
    mime_type     TEXT,
    suffix        TEXT
) STRICT;

-- The text that another extractor, or another version of it, gave for the same content before.
CREATE TABLE earlier_texts (
    attachment_id     INTEGER NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    extractor         TEXT NOT NULL,
    extractor_version TEXT,
    extracted_at      TEXT,
    text_status       TEXT NOT NULL,
    page_count        INTEGER,
    page_offsets      TEXT,
    confidence        REAL,
    confidence_reason TEXT,
    extracted_text    TEXT NOT NULL,
    PRIMARY KEY (attachment_id, extractor)
) STRICT;

ALTER TABLE extraction_queue ADD COLUMN extractor TEXT;
ALTER TABLE worker_heartbeat ADD COLUMN extractors TEXT;
