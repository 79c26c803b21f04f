-- A reslib database. PRAGMA user_version holds the version of this schema.
-- Times are UTC text 'YYYY-MM-DD HH:MM:SS.SSS', so that text order is time order and they can be
-- compared with datetime('now', ...).

-- parent_id: of a document that came inside another, such as the attachment of a mail.
CREATE TABLE attachments (
    -- AUTOINCREMENT: metrics keep ids by value, so an id must never be used twice.
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    filename          TEXT NOT NULL,
    -- Text; a blob when the name is not UTF-8.
    path              ANY NOT NULL UNIQUE CHECK (typeof(path) IN ('text', 'blob')),
    mime_type         TEXT,
    file_size         INTEGER,
    file_mtime_ns     INTEGER,
    content_hash      TEXT,
    created_at        TEXT NOT NULL,
    title             TEXT,
    -- How much of the document the text covers; whether it is stale stands in text_provenance.
    text_status       TEXT CHECK (text_status IN ('full', 'partial', 'empty', 'stale')),
    page_count        INTEGER,
    -- JSON array: where each page starts in extracted_text, in characters.
    page_offsets      TEXT,
    confidence        REAL CHECK (confidence BETWEEN 0 AND 1),
    confidence_reason TEXT,
    extractor         TEXT,
    extractor_version TEXT,
    extracted_at      TEXT,
    -- JSON object: what else the extractor said of the document.
    metadata          TEXT,
    -- Behind those that are read often: what is read after it walks through the text.
    extracted_text    TEXT, parent_id INTEGER REFERENCES attachments (id) ON DELETE CASCADE) STRICT;

-- The same bytes are the same document, wherever they lie.
CREATE INDEX idx_attachments_content ON attachments (content_hash) WHERE content_hash IS NOT NULL;
CREATE INDEX idx_attachments_parent ON attachments (parent_id) WHERE parent_id IS NOT NULL;

-- Where else a document is, beside attachments.path: copies, links.
CREATE TABLE attachment_places (
    path          ANY NOT NULL PRIMARY KEY CHECK (typeof(path) IN ('text', 'blob')),
    attachment_id INTEGER NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    filename      TEXT NOT NULL,
    file_mtime_ns INTEGER,
    added_at      TEXT NOT NULL
) STRICT;

CREATE INDEX idx_places_attachment ON attachment_places (attachment_id);

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

-- The pages that other tasks than the text gave, such as the words on a scan. They are put in place of
-- those of the text in one transaction, and once more when the text is read again; what an attempt
-- gave before it was ended is here too, so that the next one of the job need not do it again.
CREATE TABLE task_pages (
    attachment_id INTEGER NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    task          TEXT NOT NULL,
    number        INTEGER NOT NULL,
    -- Who gave it, and the number of that claim.
    job_id        INTEGER NOT NULL,
    claim         INTEGER NOT NULL,
    -- Of the file that it was read from.
    content_hash  TEXT,
    text          TEXT NOT NULL,
    label         TEXT NOT NULL DEFAULT '',
    confidence    REAL CHECK (confidence BETWEEN 0 AND 1),
    reason        TEXT NOT NULL DEFAULT '',
    blank         INTEGER NOT NULL DEFAULT 0,
    origin        TEXT NOT NULL DEFAULT '',
    wants         TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (attachment_id, task, number)
) STRICT;

-- With what the task of a document was done last: a program and its version, its languages. Another
-- one is worth one more try.
CREATE TABLE task_means (
    attachment_id INTEGER NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    task          TEXT NOT NULL,
    means         TEXT NOT NULL,
    PRIMARY KEY (attachment_id, task)
) STRICT;

-- What else extractors find, a table for each kind of item. number counts them in a document and
-- task; box is a JSON array of left, top, right, bottom in points. spans is one of arrays: row,
-- column, rows and columns of each cell that reaches over several; exact likewise row, column and
-- number of each cell that shows less than the number that it holds.
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
    reason        TEXT NOT NULL,
    spans         TEXT NOT NULL DEFAULT '[]',
    exact         TEXT NOT NULL DEFAULT '[]'
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

-- What readers say of a document: it wins over what is found in it, and stays when it is read again.
CREATE TABLE edited_metadata (
    attachment_id INTEGER NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    key           TEXT NOT NULL,
    number        INTEGER NOT NULL,
    value         TEXT NOT NULL,
    source        TEXT NOT NULL,
    edited_at     TEXT NOT NULL,
    PRIMARY KEY (attachment_id, key, number)
) STRICT;

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

-- extractor is the one that was asked for by name; NULL when whichever reads the document may. options
-- is a JSON object for the extractor; is_extra, of a job that was asked for beside an open one.
CREATE TABLE extraction_queue (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    attachment_id INTEGER NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    status        TEXT NOT NULL DEFAULT 'pending' CHECK (
        status IN ('pending', 'processing', 'retry_pending', 'complete', 'failed', 'cancelled')
    ),
    priority      INTEGER NOT NULL DEFAULT 0,
    -- Tries that ended in an error or a crash; interrupted ones are given back.
    attempts      INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- Claims ever made; never goes back. (id, claims) is the fence of every finishing statement.
    claims        INTEGER NOT NULL DEFAULT 0 CHECK (claims >= attempts),
    max_retries   INTEGER NOT NULL DEFAULT 3 CHECK (max_retries >= 0),
    created_at    TEXT NOT NULL,
    -- When it last became claimable: created, given back, or due again.
    available_at  TEXT NOT NULL,
    started_at    TEXT,
    next_retry_at TEXT,
    completed_at  TEXT,
    worker_id     TEXT,
    error_type    TEXT CHECK (
        error_type IN ('timeout', 'corruption', 'extractor_missing', 'unsupported', 'unknown')
    ),
    error_code    TEXT,
    error_message TEXT,
    extractor     TEXT, task TEXT NOT NULL DEFAULT 'text', options TEXT NOT NULL DEFAULT '{}', batch_id INTEGER REFERENCES batches (id), is_extra INTEGER NOT NULL DEFAULT 0,
    CHECK ((status = 'processing') <= (worker_id IS NOT NULL AND started_at IS NOT NULL)),
    CHECK ((status = 'retry_pending') = (next_retry_at IS NOT NULL)),
    CHECK ((status IN ('complete', 'failed', 'cancelled')) = (completed_at IS NOT NULL))
) STRICT;

-- Claiming: exactly the rows and the order that a claim looks for, whatever the history.
CREATE INDEX idx_queue_status_created ON extraction_queue (task, priority DESC, created_at, id)
WHERE status = 'pending';
CREATE INDEX idx_queue_status_retry ON extraction_queue (task, next_retry_at)
WHERE status = 'retry_pending';
-- Rescue, and what is running now.
CREATE INDEX idx_queue_processing ON extraction_queue (worker_id) WHERE status = 'processing';
-- Deduplication, and the jobs of an attachment. Without the state, which would be written each time.
CREATE INDEX idx_queue_attachment ON extraction_queue (attachment_id);
-- The list of failures, and windows of time over jobs that were not completed. Those that were are
-- counted from their attempts: one index less for each job to write.
CREATE INDEX idx_queue_finished ON extraction_queue (status, completed_at)
WHERE completed_at IS NOT NULL AND status <> 'complete';

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

-- How many jobs are in each state, kept by triggers: counting rows grows with history.
CREATE TABLE queue_counts (
    status TEXT PRIMARY KEY,
    jobs   INTEGER NOT NULL CHECK (jobs >= 0)
) STRICT, WITHOUT ROWID;

INSERT INTO queue_counts (status, jobs)
VALUES ('pending', 0), ('processing', 0), ('retry_pending', 0),
       ('complete', 0), ('failed', 0), ('cancelled', 0);

CREATE TRIGGER queue_counts_insert AFTER INSERT ON extraction_queue BEGIN
    UPDATE queue_counts SET jobs = jobs + 1 WHERE status = new.status;
END;

CREATE TRIGGER queue_counts_delete AFTER DELETE ON extraction_queue BEGIN
    UPDATE queue_counts SET jobs = jobs - 1 WHERE status = old.status;
END;

CREATE TRIGGER queue_counts_update AFTER UPDATE OF status ON extraction_queue
WHEN old.status <> new.status BEGIN
    UPDATE queue_counts SET jobs = jobs - 1 WHERE status = old.status;
    UPDATE queue_counts SET jobs = jobs + 1 WHERE status = new.status;
END;

-- extractors is a JSON array: those of its process that are not reslib's own.
CREATE TABLE worker_heartbeat (
    worker_id          TEXT PRIMARY KEY,
    hostname           TEXT NOT NULL,
    pid                INTEGER NOT NULL,
    -- Start of that process as the system reports it: the pid alone may be somebody else's by now.
    process_started_at INTEGER NOT NULL,
    status             TEXT NOT NULL CHECK (status IN ('idle', 'busy', 'paused', 'stopped')),
    last_heartbeat     TEXT NOT NULL,
    -- Seconds between two heartbeats; NULL for whoever claims without a pool and never ticks.
    heartbeat_interval REAL,
    started_at         TEXT NOT NULL,
    current_job_id     INTEGER,
    current_page       INTEGER,
    current_page_count INTEGER,
    jobs_completed     INTEGER NOT NULL DEFAULT 0,
    jobs_failed        INTEGER NOT NULL DEFAULT 0,
    extractors         TEXT) STRICT, WITHOUT ROWID;

-- One row per attempt that has ended. No foreign keys: history outlives what it speaks of.
-- content_hash is that of the file as it was known then: a failure stands until it is another.
CREATE TABLE extraction_metrics (
    id                 INTEGER PRIMARY KEY,
    job_id             INTEGER NOT NULL,
    attachment_id      INTEGER NOT NULL,
    attempt            INTEGER NOT NULL,
    worker_id          TEXT,
    extractor          TEXT,
    extractor_version  TEXT,
    mime_type          TEXT,
    file_size          INTEGER,
    page_count         INTEGER,
    char_count         INTEGER,
    confidence         REAL,
    text_status        TEXT,
    outcome            TEXT NOT NULL CHECK (
        outcome IN ('complete', 'failed', 'interrupted', 'cancelled')
    ),
    error_type         TEXT,
    error_code         TEXT,
    error_message      TEXT,
    exception_type     TEXT,
    traceback          TEXT,
    signal             TEXT,
    stderr_tail        TEXT,
    failed_page        INTEGER,
    started_at         TEXT,
    finished_at        TEXT NOT NULL,
    queue_wait_ms      REAL,
    extraction_time_ms REAL,
    cpu_time_ms        REAL,
    peak_rss_mb        REAL,
    content_hash       TEXT, task TEXT NOT NULL DEFAULT 'text', recipe INTEGER,
    UNIQUE (job_id, attempt)
) STRICT;

CREATE INDEX idx_metrics_finished ON extraction_metrics (finished_at, outcome);

-- Search over name and text. The text is stored once, in attachments; the triggers keep the index
-- in step. What is indexed are folded words (reslib.fold): reslib_fold is a function of reslib's own
-- connections, so that nobody else can write a text past the index. Anybody can read.
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
