-- Completed jobs leave the index of finished ones, and the index over attachments has no state in
-- it (some files of version 1 have it already): each was written at every transition.
DROP INDEX idx_queue_finished;
CREATE INDEX idx_queue_finished ON extraction_queue (status, completed_at)
WHERE completed_at IS NOT NULL AND status <> 'complete';
DROP INDEX idx_queue_attachment;
CREATE INDEX idx_queue_attachment ON extraction_queue (attachment_id);
