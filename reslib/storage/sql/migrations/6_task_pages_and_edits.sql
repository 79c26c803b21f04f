-- Pages that other tasks than the text gave, cells of tables that reach over several, and what readers
-- say of a document.
ALTER TABLE tables ADD COLUMN spans TEXT NOT NULL DEFAULT '[]';

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

-- Scans that were read before there was OCR: each of their pages without words wants it.
UPDATE pages SET wants = '["ocr"]'
WHERE blank = 0
  AND attachment_id IN (
      SELECT id FROM attachments
      WHERE mime_type = 'application/pdf' AND text_status IN ('empty', 'partial')
  )
  AND coalesce(
      (SELECT following.start FROM pages AS following
       WHERE following.attachment_id = pages.attachment_id
         AND following.number = pages.number + 1),
      (SELECT length(extracted_text) + 1 FROM attachments WHERE id = pages.attachment_id)
  ) - start <= 1;
