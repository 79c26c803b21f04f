-- A document is its bytes and has places, and what a look at a folder left out is kept.
-- The same bytes are the same document, wherever they lie.
CREATE INDEX idx_attachments_content ON attachments (content_hash) WHERE content_hash IS NOT NULL;

-- Where else a document is, beside attachments.path: copies, links.
CREATE TABLE attachment_places (
    path          ANY NOT NULL PRIMARY KEY CHECK (typeof(path) IN ('text', 'blob')),
    attachment_id INTEGER NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    filename      TEXT NOT NULL,
    file_mtime_ns INTEGER,
    added_at      TEXT NOT NULL
) STRICT;

CREATE INDEX idx_places_attachment ON attachment_places (attachment_id);

-- What the last look at a folder left out, and why. Names that are not UTF-8 are written as escapes.
CREATE TABLE skipped (
    path      TEXT NOT NULL PRIMARY KEY,
    -- Suffix or type: what they are counted by.
    kind      TEXT NOT NULL,
    mime_type TEXT,
    reason    TEXT NOT NULL,
    seen_at   TEXT NOT NULL
) STRICT;

CREATE INDEX idx_skipped_kind ON skipped (kind);

-- A failure stands until the content of its file is another.
ALTER TABLE extraction_metrics ADD COLUMN content_hash TEXT;
