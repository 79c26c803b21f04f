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
