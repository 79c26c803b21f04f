-- Pages and what else an extractor finds have tables, freshness is apart from coverage, and a job
-- has a task, options and a batch.
-- parent_id: of a document that came inside another, such as the attachment of a mail.
ALTER TABLE attachments ADD COLUMN parent_id INTEGER REFERENCES attachments (id) ON DELETE CASCADE;

CREATE INDEX idx_attachments_parent ON attachments (parent_id) WHERE parent_id IS NOT NULL;

-- How the text of a document came about, and whether it is still that of the file.
CREATE TABLE text_provenance (
    attachment_id INTEGER PRIMARY KEY REFERENCES attachments (id) ON DELETE CASCADE,
    -- Of the extractor: raised when its output changes.
    recipe        INTEGER NOT NULL DEFAULT 0,
    -- JSON object: the options of the job.
    options       TEXT NOT NULL DEFAULT '{}',
    -- The file has other content by now.
    is_stale      INTEGER NOT NULL DEFAULT 0 CHECK (is_stale IN (0, 1)),
    -- The extraction was ended before the document was.
    is_cut        INTEGER NOT NULL DEFAULT 0 CHECK (is_cut IN (0, 1))
) STRICT;

INSERT INTO text_provenance (attachment_id, is_stale)
SELECT id, text_status = 'stale' FROM attachments WHERE text_status IS NOT NULL;

UPDATE attachments
SET text_status = coalesce(
    (SELECT m.text_status FROM extraction_metrics AS m
     WHERE m.attachment_id = attachments.id AND m.outcome = 'complete'
     ORDER BY m.id DESC LIMIT 1),
    'full')
WHERE text_status = 'stale';

-- How what another task than the text found in a document came about, and whether it is still of
-- the file.
CREATE TABLE task_provenance (
    attachment_id INTEGER NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    task          TEXT NOT NULL,
    extractor     TEXT NOT NULL,
    recipe        INTEGER NOT NULL,
    options       TEXT NOT NULL,
    is_stale      INTEGER NOT NULL DEFAULT 0 CHECK (is_stale IN (0, 1)),
    is_cut        INTEGER NOT NULL DEFAULT 0 CHECK (is_cut IN (0, 1)),
    PRIMARY KEY (attachment_id, task)
) STRICT;

-- The pages of a text. Their words are in attachments.extracted_text: start says where, in
-- characters.
CREATE TABLE pages (
    attachment_id INTEGER NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    number        INTEGER NOT NULL,
    start         INTEGER NOT NULL,
    -- What people call it: "iv", the name of a sheet, the title of a chapter.
    label         TEXT NOT NULL DEFAULT '',
    confidence    REAL CHECK (confidence BETWEEN 0 AND 1),
    reason        TEXT NOT NULL DEFAULT '',
    blank         INTEGER NOT NULL DEFAULT 0,
    -- Where its text comes from, when not from the document's own letters.
    origin        TEXT NOT NULL DEFAULT '',
    -- JSON array: the tasks that could do better.
    wants         TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (attachment_id, number)
) STRICT, WITHOUT ROWID;

INSERT INTO pages (attachment_id, number, start)
SELECT a.id, p.key + 1, p.value
FROM attachments AS a, json_each(iif(json_valid(a.page_offsets), a.page_offsets, '[]')) AS p
WHERE a.text_status IS NOT NULL AND p.type = 'integer';

-- What else extractors find, a table for each kind of item. number counts them in a document and
-- task; box is a JSON array of left, top, right, bottom in points.
CREATE TABLE tables (
    id            INTEGER PRIMARY KEY,
    attachment_id INTEGER NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    task          TEXT NOT NULL,
    number        INTEGER NOT NULL,
    page          INTEGER,
    caption       TEXT NOT NULL,
    -- JSON array of rows, each an array of texts.
    rows          TEXT NOT NULL,
    header_rows   INTEGER NOT NULL,
    box           TEXT NOT NULL,
    confidence    REAL CHECK (confidence BETWEEN 0 AND 1),
    reason        TEXT NOT NULL
) STRICT;

CREATE INDEX idx_tables_attachment ON tables (attachment_id, task);

CREATE TABLE figures (
    id            INTEGER PRIMARY KEY,
    attachment_id INTEGER NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    task          TEXT NOT NULL,
    number        INTEGER NOT NULL,
    page          INTEGER,
    caption       TEXT NOT NULL,
    box           TEXT NOT NULL,
    media_type    TEXT NOT NULL,
    data          BLOB NOT NULL
) STRICT;

CREATE INDEX idx_figures_attachment ON figures (attachment_id, task);

CREATE TABLE metadata (
    id            INTEGER PRIMARY KEY,
    attachment_id INTEGER NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    task          TEXT NOT NULL,
    number        INTEGER NOT NULL,
    key           TEXT NOT NULL,
    value         TEXT NOT NULL,
    source        TEXT NOT NULL,
    confidence    REAL CHECK (confidence BETWEEN 0 AND 1),
    page          INTEGER
) STRICT;

CREATE INDEX idx_metadata_attachment ON metadata (attachment_id, task);

-- The works that a document cites.
CREATE TABLE bibliography (
    id            INTEGER PRIMARY KEY,
    attachment_id INTEGER NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    task          TEXT NOT NULL,
    number        INTEGER NOT NULL,
    text          TEXT NOT NULL,
    title         TEXT NOT NULL,
    doi           TEXT NOT NULL,
    year          INTEGER
) STRICT;

CREATE INDEX idx_bibliography_attachment ON bibliography (attachment_id, task);

CREATE TABLE sections (
    id            INTEGER PRIMARY KEY,
    attachment_id INTEGER NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    task          TEXT NOT NULL,
    number        INTEGER NOT NULL,
    title         TEXT NOT NULL,
    level         INTEGER NOT NULL,
    page          INTEGER
) STRICT;

CREATE INDEX idx_sections_attachment ON sections (attachment_id, task);

CREATE TABLE warnings (
    id            INTEGER PRIMARY KEY,
    attachment_id INTEGER NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    task          TEXT NOT NULL,
    number        INTEGER NOT NULL,
    code          TEXT NOT NULL,
    message       TEXT NOT NULL,
    page          INTEGER
) STRICT;

CREATE INDEX idx_warnings_attachment ON warnings (attachment_id, task);

-- Documents inside a document, as they were found there. Those that are read are attachments, too.
CREATE TABLE children (
    id            INTEGER PRIMARY KEY,
    attachment_id INTEGER NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    task          TEXT NOT NULL,
    number        INTEGER NOT NULL,
    name          TEXT NOT NULL,
    media_type    TEXT NOT NULL,
    size          INTEGER NOT NULL,
    -- Changes when the content does.
    fingerprint   TEXT NOT NULL
) STRICT;

CREATE INDEX idx_children_attachment ON children (attachment_id, task);

-- Jobs that were enqueued together. All but created_at is kept by triggers; completed_at is when the
-- last open job ended.
CREATE TABLE batches (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    created_at   TEXT NOT NULL,
    jobs         INTEGER NOT NULL,
    open_jobs    INTEGER NOT NULL,
    completed_at TEXT
) STRICT;

ALTER TABLE extraction_queue ADD COLUMN task TEXT NOT NULL DEFAULT 'text';
ALTER TABLE extraction_queue ADD COLUMN options TEXT NOT NULL DEFAULT '{}';
ALTER TABLE extraction_queue ADD COLUMN batch_id INTEGER REFERENCES batches (id);
ALTER TABLE extraction_queue ADD COLUMN is_extra INTEGER NOT NULL DEFAULT 0;
ALTER TABLE extraction_metrics ADD COLUMN task TEXT NOT NULL DEFAULT 'text';
-- Of an attempt that failed: that of its extractor.
ALTER TABLE extraction_metrics ADD COLUMN recipe INTEGER;

UPDATE extraction_queue SET is_extra = 1
WHERE completed_at IS NULL AND id > (
    SELECT min(other.id) FROM extraction_queue AS other
    WHERE other.attachment_id = extraction_queue.attachment_id AND other.completed_at IS NULL
);

DROP INDEX idx_queue_status_created;

CREATE INDEX idx_queue_status_created ON extraction_queue (task, priority DESC, created_at, id)
WHERE status = 'pending';

DROP INDEX idx_queue_status_retry;

CREATE INDEX idx_queue_status_retry ON extraction_queue (task, next_retry_at)
WHERE status = 'retry_pending';

-- One open job for each document and task, but for those that were asked for beside it.
CREATE UNIQUE INDEX idx_queue_open ON extraction_queue (attachment_id, task)
WHERE completed_at IS NULL AND is_extra = 0;

CREATE INDEX idx_queue_batch ON extraction_queue (batch_id) WHERE batch_id IS NOT NULL;

CREATE TRIGGER batches_insert AFTER INSERT ON extraction_queue WHEN new.batch_id IS NOT NULL BEGIN
    UPDATE batches SET open_jobs = open_jobs + 1, jobs = jobs + 1 WHERE id = new.batch_id;
END;

CREATE TRIGGER batches_delete AFTER DELETE ON extraction_queue
WHEN old.batch_id IS NOT NULL AND old.completed_at IS NULL BEGIN
    UPDATE batches
    SET open_jobs = open_jobs - 1,
        completed_at = iif(open_jobs = 1, strftime('%Y-%m-%d %H:%M:%f', 'now'), NULL)
    WHERE id = old.batch_id;
END;

CREATE TRIGGER batches_update AFTER UPDATE OF completed_at ON extraction_queue
WHEN new.batch_id IS NOT NULL
    AND (old.completed_at IS NULL) <> (new.completed_at IS NULL) BEGIN
    UPDATE batches
    SET open_jobs = open_jobs + iif(new.completed_at IS NULL, 1, -1),
        completed_at = iif(open_jobs = 1, new.completed_at, NULL)
    WHERE id = new.batch_id;
END;
