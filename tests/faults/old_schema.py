"""What brings a new file back to an older schema, for tests of the migration."""

from __future__ import annotations

#: Brings a new file back to schema 4.
TO_SCHEMA_4 = """
UPDATE attachments SET text_status = 'stale'
WHERE id IN (SELECT attachment_id FROM text_provenance WHERE is_stale);
DROP TABLE pages; DROP TABLE tables; DROP TABLE figures; DROP TABLE metadata;
DROP TABLE bibliography;
DROP TABLE edited_metadata; DROP TABLE sections; DROP TABLE warnings; DROP TABLE children;
DROP TABLE text_provenance; DROP TABLE task_provenance;
DROP TABLE task_pages; DROP TABLE task_means;
DROP INDEX idx_attachments_parent; ALTER TABLE attachments DROP COLUMN parent_id;
DROP TRIGGER batches_insert; DROP TRIGGER batches_delete; DROP TRIGGER batches_update;
DROP INDEX idx_queue_open; DROP INDEX idx_queue_batch; DROP INDEX idx_queue_status_created;
DROP INDEX idx_queue_status_retry;
ALTER TABLE extraction_queue DROP COLUMN task;
ALTER TABLE extraction_queue DROP COLUMN options;
ALTER TABLE extraction_queue DROP COLUMN batch_id;
ALTER TABLE extraction_queue DROP COLUMN is_extra;
ALTER TABLE extraction_metrics DROP COLUMN task;
ALTER TABLE extraction_metrics DROP COLUMN recipe;
DROP TABLE batches;
CREATE INDEX idx_queue_status_created ON extraction_queue (priority DESC, created_at, id)
WHERE status = 'pending';
CREATE INDEX idx_queue_status_retry ON extraction_queue (next_retry_at)
WHERE status = 'retry_pending';
PRAGMA user_version = 4;
"""
#: And a new file back to schema 3.
TO_SCHEMA_3 = f"""{TO_SCHEMA_4}
DROP TABLE attachment_extractors; DROP TABLE earlier_texts;
ALTER TABLE extraction_queue DROP COLUMN extractor;
ALTER TABLE worker_heartbeat DROP COLUMN extractors;
PRAGMA user_version = 3;
"""
#: And a new file back to schema 2.
TO_SCHEMA_2 = f"""{TO_SCHEMA_3}
DROP TABLE skipped; DROP TABLE attachment_places; DROP INDEX idx_attachments_content;
ALTER TABLE extraction_metrics DROP COLUMN content_hash;
DROP TRIGGER attachments_fts_insert; DROP TRIGGER attachments_fts_delete;
DROP TRIGGER attachments_fts_update; DROP TABLE attachments_fts; DROP VIEW attachments_text;
CREATE VIRTUAL TABLE attachments_fts USING fts5 (
    filename, extracted_text, content = 'attachments', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER attachments_fts_insert AFTER INSERT ON attachments BEGIN
    INSERT INTO attachments_fts (rowid, filename, extracted_text)
    VALUES (new.id, new.filename, new.extracted_text);
END;
CREATE TRIGGER attachments_fts_delete AFTER DELETE ON attachments BEGIN
    INSERT INTO attachments_fts (attachments_fts, rowid, filename, extracted_text)
    VALUES ('delete', old.id, old.filename, old.extracted_text);
END;
CREATE TRIGGER attachments_fts_update AFTER UPDATE OF filename, extracted_text ON attachments BEGIN
    INSERT INTO attachments_fts (attachments_fts, rowid, filename, extracted_text)
    VALUES ('delete', old.id, old.filename, old.extracted_text);
    INSERT INTO attachments_fts (rowid, filename, extracted_text)
    VALUES (new.id, new.filename, new.extracted_text);
END;
INSERT INTO attachments_fts (attachments_fts) VALUES ('rebuild');
PRAGMA user_version = 2;
"""
#: And from schema 2 to schema 1.
TO_SCHEMA_1 = """
DROP INDEX idx_queue_finished; DROP INDEX idx_queue_attachment;
CREATE INDEX idx_queue_attachment ON extraction_queue (attachment_id, status);
CREATE INDEX idx_queue_finished ON extraction_queue (status, completed_at)
WHERE completed_at IS NOT NULL;
PRAGMA user_version = 1;
"""
