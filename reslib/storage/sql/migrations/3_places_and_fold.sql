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

-- The search index holds folded words from now on (reslib.fold), so it is made anew.
DROP TRIGGER attachments_fts_insert;
DROP TRIGGER attachments_fts_delete;
DROP TRIGGER attachments_fts_update;
DROP TABLE attachments_fts;

CREATE VIEW attachments_text AS SELECT id, filename, extracted_text FROM attachments;

CREATE VIRTUAL TABLE attachments_fts USING fts5 (
    filename, extracted_text,
    content = 'attachments_text', content_rowid = 'id',
    -- Every character that is not ASCII is part of a word: the fold leaves only those that are.
    tokenize = 'ascii'
);

CREATE TRIGGER attachments_fts_insert AFTER INSERT ON attachments BEGIN
    INSERT INTO attachments_fts (rowid, filename, extracted_text)
    VALUES (new.id, reslib_fold(CAST(new.filename AS BLOB)),
            reslib_fold(CAST(new.extracted_text AS BLOB)));
END;

CREATE TRIGGER attachments_fts_delete AFTER DELETE ON attachments BEGIN
    INSERT INTO attachments_fts (attachments_fts, rowid, filename, extracted_text)
    VALUES ('delete', old.id, reslib_fold(CAST(old.filename AS BLOB)),
            reslib_fold(CAST(old.extracted_text AS BLOB)));
END;

CREATE TRIGGER attachments_fts_update AFTER UPDATE OF filename, extracted_text ON attachments
WHEN old.filename IS NOT new.filename OR old.extracted_text IS NOT new.extracted_text BEGIN
    INSERT INTO attachments_fts (attachments_fts, rowid, filename, extracted_text)
    VALUES ('delete', old.id, reslib_fold(CAST(old.filename AS BLOB)),
            reslib_fold(CAST(old.extracted_text AS BLOB)));
    INSERT INTO attachments_fts (rowid, filename, extracted_text)
    VALUES (new.id, reslib_fold(CAST(new.filename AS BLOB)),
            reslib_fold(CAST(new.extracted_text AS BLOB)));
END;

INSERT INTO attachments_fts (rowid, filename, extracted_text)
SELECT id, reslib_fold(CAST(filename AS BLOB)), reslib_fold(CAST(extracted_text AS BLOB))
FROM attachments;
