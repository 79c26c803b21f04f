-- Every statement of reslib but the schema, each under a name. Parameters are named, times are
-- handed in, and all finishing statements are fenced by (id, claims).

-- name: add_attachment
INSERT INTO attachments (
    filename, path, mime_type, file_size, file_mtime_ns, content_hash, created_at
)
VALUES (:filename, :path, :mime_type, :file_size, :file_mtime_ns, :content_hash, :now)
RETURNING id

-- name: attachment_by_path
-- The document that is known to be at a place, and what was known of the file there.
SELECT id, file_size, file_mtime_ns, content_hash, 1 AS is_first
FROM attachments WHERE path = :path
UNION ALL
SELECT a.id, a.file_size, p.file_mtime_ns, a.content_hash, 0
FROM attachment_places AS p JOIN attachments AS a ON a.id = p.attachment_id
WHERE p.path = :path

-- name: attachments_by_content
SELECT id FROM attachments WHERE content_hash = :content_hash ORDER BY id

-- name: places
-- Where a document is, its own path first.
SELECT path, filename, file_mtime_ns, mime_type, file_size, content_hash,
       shown_status(:id) AS text_status
FROM attachments WHERE id = :id
UNION ALL
SELECT * FROM (
    SELECT path, filename, file_mtime_ns, NULL, NULL, NULL, NULL
    FROM attachment_places WHERE attachment_id = :id ORDER BY added_at, rowid
)

-- name: attachments_with_places_under
-- Those with several places of which one is between :first and :last.
SELECT attachment_id AS id FROM attachment_places WHERE path > :first AND path < :last
UNION
SELECT a.id FROM attachments AS a
WHERE a.path > :first AND a.path < :last
  AND EXISTS (SELECT 1 FROM attachment_places AS p WHERE p.attachment_id = a.id)

-- name: touch_attachment
UPDATE attachments
SET mime_type = :mime_type, file_size = :file_size, file_mtime_ns = :file_mtime_ns,
    content_hash = :content_hash
WHERE id = :id

-- name: move_attachment
UPDATE attachments SET path = :path, file_mtime_ns = :file_mtime_ns WHERE id = :id

-- name: paths_inside
-- Where the documents are that lie in a document, directly or not.
WITH RECURSIVE inside (id) AS (
    SELECT id FROM attachments WHERE parent_id = :id
    UNION ALL
    SELECT a.id FROM attachments AS a JOIN inside ON a.parent_id = inside.id
)
SELECT a.id, a.path FROM attachments AS a JOIN inside ON inside.id = a.id ORDER BY a.id

-- name: documents_inside
-- What lies in documents, directly or not; :ids is a JSON array.
WITH RECURSIVE inside (id) AS (
    SELECT a.id FROM attachments AS a
    WHERE a.parent_id IN (SELECT value FROM json_each(:ids))
    UNION
    SELECT a.id FROM attachments AS a JOIN inside ON a.parent_id = inside.id
)
SELECT id FROM inside ORDER BY id

-- name: outermost
-- The document that is a file of its own, and in which a document lies.
WITH RECURSIVE around (id, parent_id) AS (
    SELECT id, parent_id FROM attachments WHERE id = :id
    UNION ALL
    SELECT a.id, a.parent_id FROM attachments AS a JOIN around ON a.id = around.parent_id
)
SELECT id FROM around WHERE parent_id IS NULL

-- name: job_of_inner
-- What a job tells of its document, and of the jobs of what lies in that.
SELECT q.attachment_id AS id, a.path, q.priority, q.max_retries, q.batch_id, q.options
FROM extraction_queue AS q JOIN attachments AS a ON a.id = q.attachment_id WHERE q.id = :job_id

-- name: inner_by_path
SELECT id, content_hash, parent_id FROM attachments WHERE path = :path

-- name: adopt_inner
UPDATE attachments SET parent_id = :parent_id WHERE id = :id

-- name: add_inner
INSERT INTO attachments (
    filename, path, mime_type, file_size, content_hash, created_at, parent_id
)
VALUES (:filename, :path, :mime_type, :file_size, :content_hash, :now, :parent_id)
RETURNING id

-- name: rename_attachment
-- Apart from the path, because the search index takes the whole text in again.
UPDATE attachments SET filename = :filename WHERE id = :id

-- name: retype_attachment
UPDATE attachments SET mime_type = :mime_type WHERE id = :id

-- name: add_place
INSERT INTO attachment_places (path, attachment_id, filename, file_mtime_ns, added_at)
VALUES (:path, :id, :filename, :file_mtime_ns, :now)

-- name: delete_place
DELETE FROM attachment_places WHERE path = :path

-- name: skipped_under
SELECT path, mime_type, reason FROM skipped
WHERE path > :after AND path < :last ORDER BY path LIMIT :limit

-- name: note_skipped
INSERT INTO skipped (path, kind, mime_type, reason, seen_at)
VALUES (:path, :kind, :mime_type, :reason, :now)
ON CONFLICT (path) DO UPDATE
SET kind = :kind, mime_type = :mime_type, reason = :reason, seen_at = :now

-- name: skipped_inside
-- What was left out of documents that were read: see reslib.formats.inner.
SELECT path, mime_type FROM skipped WHERE instr(path, '//') > 1

-- name: skipped_counts
SELECT kind, count(*) AS files FROM skipped GROUP BY kind ORDER BY files DESC, kind

-- name: forget_skipped
DELETE FROM skipped WHERE path = :path

-- name: forget_skipped_inside
-- What was left out of one document; not of those inside it. :inside is its path with two slashes,
-- :last what comes behind all that begin so.
DELETE FROM skipped
WHERE path > :inside AND path < :last AND instr(substr(path, length(:inside) + 1), '//') = 0

-- name: mark_stale
INSERT INTO text_provenance (attachment_id, is_stale)
SELECT id, 1 FROM attachments WHERE id = :id AND text_status IS NOT NULL
ON CONFLICT (attachment_id) DO UPDATE SET is_stale = 1

-- name: mark_tasks_stale
UPDATE task_provenance SET is_stale = 1 WHERE attachment_id = :id

-- name: is_stale
-- Whether the file of a text has other content by now; NULL without a text. This and the next two
-- stand in other statements as `is_stale()`.
SELECT is_stale FROM text_provenance WHERE attachment_id = :attachment_id

-- name: is_cut
-- Whether the extraction of a text was ended before the document was.
SELECT is_cut FROM text_provenance WHERE attachment_id = :attachment_id

-- name: shown_status
-- What people see: a text whose file has changed is stale, whatever it covers.
SELECT iif(p.is_stale, 'stale', d.text_status)
FROM attachments AS d LEFT JOIN text_provenance AS p ON p.attachment_id = d.id
WHERE d.id = :attachment_id

-- name: attachment
SELECT id, filename, path, mime_type, file_size, content_hash, created_at, title,
       extracted_text, shown_status(:id) AS text_status, page_count, page_offsets, confidence,
       confidence_reason, extractor, extractor_version, extracted_at, metadata, parent_id
FROM attachments WHERE id = :id

-- name: document
SELECT a.filename, a.path, a.mime_type, a.content_hash, e.extractor, e.mime_type AS accepted_type,
       e.suffix
FROM attachments AS a LEFT JOIN attachment_extractors AS e ON e.attachment_id = a.id
WHERE a.id = :id

-- name: acceptances
-- :ids is a JSON array.
SELECT attachment_id, extractor, mime_type, suffix FROM attachment_extractors
WHERE attachment_id IN (SELECT value FROM json_each(:ids))

-- name: remember_acceptance
INSERT OR REPLACE INTO attachment_extractors (attachment_id, extractor, mime_type, suffix)
VALUES (:id, :extractor, :mime_type, :suffix)

-- name: forget_acceptance
DELETE FROM attachment_extractors WHERE attachment_id = :id

-- name: delete_attachment
DELETE FROM attachments WHERE id = :id

-- name: store_text
UPDATE attachments
SET extracted_text = :text, text_status = :text_status, title = :title,
    page_count = :page_count, page_offsets = :page_offsets, confidence = :confidence,
    confidence_reason = :confidence_reason, extractor = :extractor,
    extractor_version = :extractor_version, extracted_at = :now, metadata = :metadata
WHERE id = (SELECT attachment_id FROM extraction_queue WHERE id = :job_id)

-- name: store_provenance
INSERT OR REPLACE INTO text_provenance (attachment_id, recipe, options, is_cut)
SELECT attachment_id, :recipe, options, :is_cut FROM extraction_queue WHERE id = :job_id

-- name: store_task_provenance
INSERT OR REPLACE INTO task_provenance (
    attachment_id, task, extractor, recipe, options, is_cut
)
SELECT attachment_id, task, :extractor, :recipe, options, :is_cut
FROM extraction_queue WHERE id = :job_id

-- name: may_keep_cut_items
-- Whether what an extraction of another task gave before it was ended is better than what there is:
-- nothing, or what is of other content or was cut off as well.
SELECT NOT EXISTS (
    SELECT 1 FROM task_provenance AS t
    JOIN extraction_queue AS q ON q.attachment_id = t.attachment_id AND q.task = t.task
    WHERE q.id = :job_id AND NOT t.is_stale AND NOT t.is_cut
)

-- name: stale_tasks
-- What other tasks than the text found, and is worth doing again. :ids is a JSON array or NULL,
-- :recipes a JSON object.
SELECT a.id, a.filename, a.path, t.task, t.extractor, t.recipe, t.is_stale, r.value AS new_recipe,
       a.text_status
FROM task_provenance AS t JOIN attachments AS a ON a.id = t.attachment_id
LEFT JOIN json_each(:recipes) AS r ON r.key = t.extractor
LEFT JOIN extraction_queue AS q ON q.id = latest_job(a.id, t.task)
WHERE (:ids IS NULL OR a.id IN (SELECT value FROM json_each(:ids)))
  AND (t.is_stale OR t.recipe < r.value)
  AND (q.status IS NULL OR q.status NOT IN ('pending', 'processing', 'retry_pending', 'failed'))
ORDER BY a.id, t.task

-- name: documents_wanting
-- Those with pages that a task could do better on, and that it has not looked at with such means.
SELECT a.id, a.filename, a.path, a.text_status, m.means, :task AS task, :extractor AS extractor,
       NULL AS recipe, :recipe AS new_recipe
FROM attachments AS a
LEFT JOIN task_means AS m ON m.attachment_id = a.id AND m.task = :task
LEFT JOIN extraction_queue AS q ON q.id = latest_job(a.id, :task)
WHERE (:ids IS NULL OR a.id IN (SELECT value FROM json_each(:ids)))
  AND a.text_status IS NOT NULL AND is_stale(a.id) IS NOT 1 AND m.means IS NOT :means
  AND a.mime_type IN (SELECT value FROM json_each(:types))
  AND (q.status IS NULL OR q.status NOT IN ('pending', 'processing', 'retry_pending', 'failed'))
  AND EXISTS (
      SELECT 1 FROM pages AS p, json_each(p.wants) AS wanted
      WHERE p.attachment_id = a.id AND wanted.value = :task
  )
ORDER BY a.id

-- name: read_by_stand_ins
-- What was read by an extractor in place of one that lacked something, as a warning of this code
-- says. :ids is a JSON array or NULL.
SELECT a.id, a.filename, a.path, a.mime_type, e.extractor, e.mime_type AS accepted_type, e.suffix,
       a.text_status, iif(w.task = 'text', a.extracted_at, NULL) AS extracted_at, w.task,
       w.message, iif(w.task = 'text', a.extractor, t.extractor) AS read_by,
       iif(w.task = 'text', p.recipe, t.recipe) AS recipe
FROM warnings AS w JOIN attachments AS a ON a.id = w.attachment_id
LEFT JOIN attachment_extractors AS e ON e.attachment_id = a.id
LEFT JOIN text_provenance AS p ON p.attachment_id = a.id
LEFT JOIN task_provenance AS t ON t.attachment_id = a.id AND t.task = w.task
LEFT JOIN extraction_queue AS q ON q.id = latest_job(a.id, w.task)
WHERE w.code = :code AND (:ids IS NULL OR a.id IN (SELECT value FROM json_each(:ids)))
  AND (q.status IS NULL OR q.status NOT IN ('pending', 'processing', 'retry_pending', 'failed'))
ORDER BY a.id, w.task, w.number

-- name: documents_at
-- Documents that were read, by their paths, a JSON array. :ids is a JSON array or NULL.
SELECT a.id, a.filename, a.path, a.text_status, a.extracted_at, 'text' AS task,
       a.extractor AS read_by, p.recipe
FROM attachments AS a LEFT JOIN text_provenance AS p ON p.attachment_id = a.id
LEFT JOIN extraction_queue AS q ON q.id = latest_job(a.id, 'text')
WHERE a.path IN (SELECT value FROM json_each(:paths)) AND a.text_status IS NOT NULL
  AND (:ids IS NULL OR a.id IN (SELECT value FROM json_each(:ids)))
  AND (q.status IS NULL OR q.status NOT IN ('pending', 'processing', 'retry_pending', 'failed'))
ORDER BY a.id

-- name: failed_tasks
-- Of other tasks than the text the failures that may be worth another try: the extractor has a newer
-- recipe, the file has other content than the attempt saw, or something was missing.
SELECT a.id, a.filename, a.path, q.task, m.extractor, m.recipe, r.value AS new_recipe,
       a.text_status, q.error_message,
       q.error_code IN (SELECT value FROM json_each(:missing)) AS lacks,
       coalesce(a.content_hash <> m.content_hash, 0) AS has_changed
FROM extraction_queue AS q JOIN attachments AS a ON a.id = q.attachment_id
JOIN extraction_metrics AS m ON m.job_id = q.id
    AND m.attempt = (SELECT max(attempt) FROM extraction_metrics WHERE job_id = q.id)
LEFT JOIN json_each(:recipes) AS r ON r.key = m.extractor
WHERE q.status = 'failed' AND q.status <> 'complete' AND q.completed_at IS NOT NULL
  AND q.task <> 'text' AND q.id = latest_job(q.attachment_id, q.task)
  AND (:ids IS NULL OR a.id IN (SELECT value FROM json_each(:ids)))
  AND (lacks OR has_changed OR m.recipe < r.value)
ORDER BY a.id, q.task

-- name: forget_pages
DELETE FROM pages WHERE attachment_id = :id

-- name: store_page
INSERT INTO pages (
    attachment_id, number, start, label, confidence, reason, blank, origin, wants
)
VALUES (:id, :number, :start, :label, :confidence, :reason, :blank, :origin, :wants)

-- name: keep_task_page
-- Under the number of the claim. A text is not replaced by none, nor by one that is read worse.
INSERT INTO task_pages (
    attachment_id, task, number, job_id, claim, content_hash, text, label, confidence, reason, blank,
    origin, wants
)
SELECT q.attachment_id, q.task, :number, q.id, q.claims, coalesce(:content_hash, a.content_hash),
       :text, :label, :confidence, :reason, :blank, :origin, :wants
FROM extraction_queue AS q JOIN attachments AS a ON a.id = q.attachment_id
WHERE q.id = :job_id AND q.status = 'processing' AND q.claims = coalesce(:attempt, q.claims)
ON CONFLICT (attachment_id, task, number) DO UPDATE
SET job_id = excluded.job_id, claim = excluded.claim, content_hash = excluded.content_hash,
    (text, label, confidence, reason, blank, origin, wants) = (
        SELECT task_pages.text, task_pages.label, task_pages.confidence, task_pages.reason,
               task_pages.blank, task_pages.origin, excluded.wants
        WHERE task_pages.content_hash IS excluded.content_hash AND task_pages.text <> ''
          AND (excluded.text = '' OR task_pages.confidence > excluded.confidence)
        UNION ALL
        SELECT excluded.text, excluded.label, excluded.confidence, excluded.reason, excluded.blank,
               excluded.origin, excluded.wants
        LIMIT 1
    )

-- name: forget_task_pages
-- Those of a content that a document has no more.
DELETE FROM task_pages
WHERE attachment_id = :id
  AND content_hash IS NOT (SELECT content_hash FROM attachments WHERE id = :id)

-- name: task_pages
-- What may take the place of pages of the text, while that is of the same content.
SELECT t.task, t.number, t.text, t.label, t.confidence, t.reason, t.blank, t.origin, t.wants
FROM task_pages AS t JOIN attachments AS a ON a.id = t.attachment_id
WHERE t.attachment_id = :id AND t.content_hash IS a.content_hash
  AND a.extracted_text IS NOT NULL AND is_stale(a.id) IS NOT 1
ORDER BY t.task, t.number

-- name: has_given_pages
-- Whether a claim has got further: it gave a page with words.
SELECT EXISTS (
    SELECT 1 FROM task_pages AS t JOIN extraction_queue AS q
      ON q.attachment_id = t.attachment_id AND q.task = t.task
    WHERE q.id = :job_id AND t.job_id = q.id AND t.claim = q.claims AND t.text <> ''
)

-- name: pages_done_by_job
SELECT t.number FROM task_pages AS t
JOIN extraction_queue AS q ON q.attachment_id = t.attachment_id AND q.task = t.task
WHERE q.id = :job_id AND t.job_id = q.id
ORDER BY t.number

-- name: replace_text
UPDATE attachments
SET extracted_text = :text, text_status = :text_status, page_count = :page_count,
    page_offsets = :page_offsets, confidence = :confidence, confidence_reason = :confidence_reason
WHERE id = :id

-- name: tasks_wanted
-- What could do better on some page of a document.
SELECT DISTINCT task.value AS task
FROM pages AS p, json_each(p.wants) AS task WHERE p.attachment_id = :id

-- name: ocr_counts
-- Of documents, :ids is a JSON array: what was read otherwise than from its letters, and what a task
-- could read and never tried to.
SELECT count(*) FILTER (WHERE p.origin <> '') AS read_pages,
       count(DISTINCT p.attachment_id) FILTER (WHERE p.origin <> '') AS read_documents,
       count(*) FILTER (
           WHERE EXISTS (SELECT 1 FROM json_each(p.wants) AS wanted WHERE wanted.value = :task)
             AND NOT EXISTS (SELECT 1 FROM task_means AS m
                             WHERE m.attachment_id = p.attachment_id AND m.task = :task)
       ) AS wanting
FROM pages AS p WHERE p.attachment_id IN (SELECT value FROM json_each(:ids))

-- name: remember_means
INSERT OR REPLACE INTO task_means (attachment_id, task, means)
SELECT attachment_id, task, :means FROM extraction_queue WHERE id = :job_id

-- name: store_tables
INSERT INTO tables (
    attachment_id, task, number, page, caption, rows, header_rows, box, confidence, reason, spans,
    exact
)
SELECT attachment_id, task, :number, :page, :caption, :rows, :header_rows, :box, :confidence,
       :reason, :spans, :exact
FROM extraction_queue WHERE id = :job_id

-- name: store_figures
INSERT INTO figures (
    attachment_id, task, number, page, caption, box, media_type, data
)
SELECT attachment_id, task, :number, :page, :caption, :box, :media_type, :data
FROM extraction_queue WHERE id = :job_id

-- name: store_metadata
INSERT INTO metadata (
    attachment_id, task, number, key, value, source, confidence, page
)
SELECT attachment_id, task, :number, :key, :value, :source, :confidence, :page
FROM extraction_queue WHERE id = :job_id

-- name: store_bibliography
INSERT INTO bibliography (
    attachment_id, task, number, text, title, doi, year
)
SELECT attachment_id, task, :number, :text, :title, :doi, :year
FROM extraction_queue WHERE id = :job_id

-- name: store_sections
INSERT INTO sections (
    attachment_id, task, number, title, level, page
)
SELECT attachment_id, task, :number, :title, :level, :page
FROM extraction_queue WHERE id = :job_id

-- name: store_children
INSERT INTO children (
    attachment_id, task, number, name, media_type, size, fingerprint
)
SELECT attachment_id, task, :number, :name, :media_type, :size, :fingerprint
FROM extraction_queue WHERE id = :job_id

-- name: store_warnings
INSERT INTO warnings (
    attachment_id, task, number, code, message, page
)
SELECT attachment_id, task, :number, :code, :message, :page
FROM extraction_queue WHERE id = :job_id

-- name: forget_tables
DELETE FROM tables WHERE (attachment_id, task) = (
    SELECT attachment_id, task FROM extraction_queue WHERE id = :job_id
)

-- name: forget_figures
DELETE FROM figures WHERE (attachment_id, task) = (
    SELECT attachment_id, task FROM extraction_queue WHERE id = :job_id
)

-- name: forget_metadata
DELETE FROM metadata WHERE (attachment_id, task) = (
    SELECT attachment_id, task FROM extraction_queue WHERE id = :job_id
)

-- name: forget_bibliography
DELETE FROM bibliography WHERE (attachment_id, task) = (
    SELECT attachment_id, task FROM extraction_queue WHERE id = :job_id
)

-- name: forget_sections
DELETE FROM sections WHERE (attachment_id, task) = (
    SELECT attachment_id, task FROM extraction_queue WHERE id = :job_id
)

-- name: forget_children
DELETE FROM children WHERE (attachment_id, task) = (
    SELECT attachment_id, task FROM extraction_queue WHERE id = :job_id
)

-- name: forget_warnings
DELETE FROM warnings WHERE (attachment_id, task) = (
    SELECT attachment_id, task FROM extraction_queue WHERE id = :job_id
)

-- name: overlap
-- Whether two boxes share half of the smaller one, or more; NULL when one of them is none.
SELECT max(0.0, min(json_extract(:one_box, '$[2]'), json_extract(:other_box, '$[2]'))
              - max(json_extract(:one_box, '$[0]'), json_extract(:other_box, '$[0]')))
       * max(0.0, min(json_extract(:one_box, '$[3]'), json_extract(:other_box, '$[3]'))
                - max(json_extract(:one_box, '$[1]'), json_extract(:other_box, '$[1]')))
       >= 0.5 * min((json_extract(:one_box, '$[2]') - json_extract(:one_box, '$[0]'))
                    * (json_extract(:one_box, '$[3]') - json_extract(:one_box, '$[1]')),
                    (json_extract(:other_box, '$[2]') - json_extract(:other_box, '$[0]'))
                    * (json_extract(:other_box, '$[3]') - json_extract(:other_box, '$[1]')))

-- name: covered
-- Whether a reader has set a table where another was found: it takes the place of that one.
SELECT EXISTS (
    SELECT 1 FROM tables AS mine
    WHERE mine.attachment_id = :of_attachment AND mine.task = 'set by you'
      AND :of_task <> 'set by you' AND mine.page = :of_page
      AND coalesce(overlap(mine.box, :of_box), 0)
)

-- name: set_table
INSERT INTO tables (
    attachment_id, task, number, page, caption, rows, header_rows, box, reason, spans
)
SELECT :id, :task,
       (SELECT coalesce(max(number), 0) + 1 FROM tables WHERE attachment_id = :id AND task = :task),
       :page, :caption, :rows, :header_rows, :box, :reason, :spans
RETURNING id

-- name: forget_set_table_at
DELETE FROM tables
WHERE attachment_id = :id AND task = :task AND page = :page
  AND coalesce(overlap(tables.box, :box), 0)

-- name: forget_set_table
DELETE FROM tables WHERE id = :id AND task = :task

-- name: stored_tables
SELECT t.page, t.caption, t.rows, t.header_rows, t.box, t.confidence, t.reason, t.spans, t.exact
FROM tables AS t
WHERE t.attachment_id = :id AND coalesce(:task, t.task) = t.task
  AND NOT covered(t.attachment_id, t.task, t.page, t.box)
ORDER BY t.task, t.number

-- name: tables_of
-- The tables of a document that are sure enough; those that a format states itself always are.
SELECT t.id, t.attachment_id, t.task, t.page, t.caption, t.rows, t.header_rows, t.box, t.confidence,
       t.reason, t.spans, t.exact
FROM tables AS t
WHERE t.attachment_id = :id AND coalesce(:task, t.task) = t.task
  AND coalesce(t.confidence, 1.0) >= :least
  AND NOT covered(t.attachment_id, t.task, t.page, t.box)
ORDER BY t.page, json_extract(t.box, '$[1]'), json_extract(t.box, '$[0]'), t.task, t.number

-- name: documents_with_tables
-- :limit of them, by name; :id is among them, when it is not NULL.
SELECT a.id, a.filename, count(*) AS tables
FROM tables AS t JOIN attachments AS a ON a.id = t.attachment_id
WHERE NOT covered(t.attachment_id, t.task, t.page, t.box)
GROUP BY a.id ORDER BY a.id IS NOT :id, a.filename, a.id LIMIT :limit

-- name: tables_read
SELECT filename, mime_type, text_status IS NOT NULL AS has_text,
       EXISTS (SELECT 1 FROM task_provenance
               WHERE attachment_id = :id AND task = :task) AS was_read,
       (SELECT coalesce(error_message, '') FROM extraction_queue AS q
        WHERE q.attachment_id = :id AND q.task = :task AND q.status = 'failed'
          AND q.id = (SELECT max(id) FROM extraction_queue
                      WHERE attachment_id = :id AND task = :task)) AS failure
FROM attachments WHERE id = :id

-- name: tables_with_names
SELECT t.id, t.attachment_id, a.filename, t.page, t.caption, t.rows, t.header_rows, t.confidence,
       t.reason, t.box, t.spans, t.exact, t.task
FROM tables AS t JOIN attachments AS a ON a.id = t.attachment_id
WHERE coalesce(:id, t.attachment_id) = t.attachment_id AND coalesce(t.confidence, 1.0) >= :least
  AND NOT covered(t.attachment_id, t.task, t.page, t.box)
ORDER BY t.attachment_id, t.page, json_extract(t.box, '$[1]'), json_extract(t.box, '$[0]'), t.task, t.number

-- name: tables_of_matching
-- The tables of documents whose text has the words, the best documents first; then those of
-- documents of which a reader has set one: what it says may stand in no text.
SELECT t.id, t.attachment_id, hit.filename, hit.path, t.page, t.caption, t.rows, t.confidence
FROM (
    SELECT * FROM (
        SELECT a.id, a.filename, a.path, f.rank AS rank
        FROM attachments_fts AS f JOIN attachments AS a ON a.id = f.rowid
        WHERE attachments_fts MATCH :query
          AND EXISTS (SELECT 1 FROM tables AS any_table WHERE any_table.attachment_id = a.id)
        ORDER BY f.rank LIMIT :limit
    )
    UNION ALL
    SELECT id, filename, path, 0.0 FROM attachments
    WHERE id IN (SELECT attachment_id FROM tables WHERE task = 'set by you')
      AND id NOT IN (SELECT rowid FROM attachments_fts WHERE attachments_fts MATCH :query)
) AS hit JOIN tables AS t ON t.attachment_id = hit.id
WHERE coalesce(t.confidence, 1.0) >= :least
  AND NOT covered(t.attachment_id, t.task, t.page, t.box)
ORDER BY hit.rank, t.attachment_id, t.page, t.number

-- name: without_task
-- Documents that were read, and that another task has not looked through as they are now, nor has
-- an open job or a failure of it. :ids is a JSON array or NULL.
SELECT a.id, a.mime_type
FROM attachments AS a
WHERE a.text_status IS NOT NULL
  AND (:ids IS NULL OR a.id IN (SELECT value FROM json_each(:ids)))
  AND NOT EXISTS (SELECT 1 FROM task_provenance AS t
                  WHERE t.attachment_id = a.id AND t.task = :task AND NOT t.is_stale
                    AND NOT t.is_cut)
  AND NOT EXISTS (SELECT 1 FROM extraction_queue AS q
                  WHERE q.attachment_id = a.id AND q.task = :task
                    AND (q.completed_at IS NULL OR q.status = 'failed'))
ORDER BY a.id

-- name: metadata_of
-- What is known of documents, found and set by readers. :ids is a JSON array or NULL.
SELECT attachment_id, key, value, source, confidence, 0 AS is_edited, task, number
FROM metadata WHERE :ids IS NULL OR attachment_id IN (SELECT value FROM json_each(:ids))
UNION ALL
SELECT attachment_id, key, value, source, NULL, 1, '', number
FROM edited_metadata WHERE :ids IS NULL OR attachment_id IN (SELECT value FROM json_each(:ids))
ORDER BY attachment_id, is_edited, task, number

-- name: documents_of_records
SELECT id, filename, path, mime_type FROM attachments
WHERE :ids IS NULL OR id IN (SELECT value FROM json_each(:ids))
ORDER BY id

-- name: forget_edited
DELETE FROM edited_metadata WHERE attachment_id = :id AND key = :key

-- name: edited_by_reader
SELECT attachment_id, key FROM edited_metadata WHERE source = 'set by you'

-- name: store_edited
INSERT INTO edited_metadata (attachment_id, key, number, value, source, edited_at)
VALUES (:id, :key, :number, :value, :source, :now)

-- name: frame_documents
-- What there is of each document beside its record.
SELECT a.id AS attachment_id, a.page_count, a.text_status, a.confidence, a.mime_type,
       (SELECT count(*) FROM tables AS t
        WHERE t.attachment_id = a.id
          AND NOT covered(t.attachment_id, t.task, t.page, t.box)) AS tables,
       (SELECT count(*) FROM bibliography AS b WHERE b.attachment_id = a.id) AS "references"
FROM attachments AS a ORDER BY a.id

-- name: sections_like
SELECT attachment_id, title, level, page, number FROM sections ORDER BY attachment_id, task, number

-- name: frame_tables
SELECT t.id AS table_id, t.attachment_id, a.filename, t.page, t.caption, t.rows, t.header_rows,
       t.confidence, t.reason, t.task
FROM tables AS t JOIN attachments AS a ON a.id = t.attachment_id
WHERE coalesce(:id, t.attachment_id) = t.attachment_id AND coalesce(t.confidence, 1.0) >= :least
  AND NOT covered(t.attachment_id, t.task, t.page, t.box)
ORDER BY t.attachment_id, t.page, json_extract(t.box, '$[1]'), json_extract(t.box, '$[0]'), t.task, t.number

-- name: frame_sections
SELECT s.attachment_id, a.filename, s.level, s.title, s.page, s.task
FROM sections AS s JOIN attachments AS a ON a.id = s.attachment_id
WHERE coalesce(:id, s.attachment_id) = s.attachment_id
ORDER BY s.attachment_id, s.task, s.number

-- name: frame_references
SELECT b.attachment_id, a.filename, b.text, b.title, b.doi, b.year, b.task
FROM bibliography AS b JOIN attachments AS a ON a.id = b.attachment_id
WHERE coalesce(:id, b.attachment_id) = b.attachment_id
ORDER BY b.attachment_id, b.task, b.number

-- name: stored_figures
SELECT page, caption, box, media_type, data
FROM figures WHERE attachment_id = :id AND coalesce(:task, task) = task ORDER BY task, number

-- name: stored_metadata
SELECT key, value, source, confidence, page
FROM metadata WHERE attachment_id = :id AND coalesce(:task, task) = task ORDER BY task, number

-- name: stored_bibliography
SELECT text, title, doi, year
FROM bibliography WHERE attachment_id = :id AND coalesce(:task, task) = task ORDER BY task, number

-- name: stored_sections
SELECT title, level, page
FROM sections WHERE attachment_id = :id AND coalesce(:task, task) = task ORDER BY task, number

-- name: stored_children
SELECT name, media_type, x'' AS data, size, fingerprint
FROM children WHERE attachment_id = :id AND coalesce(:task, task) = task ORDER BY task, number

-- name: stored_warnings
SELECT code, message, page
FROM warnings WHERE attachment_id = :id AND coalesce(:task, task) = task ORDER BY task, number

-- name: stored_pages
-- In one row, so that text and pages are of one moment.
SELECT a.extracted_text, (
    SELECT json_group_array(json_object(
        'number', number, 'start', start, 'label', label, 'confidence', confidence,
        'reason', reason, 'blank', blank, 'origin', origin, 'wants', wants
    )) FROM (SELECT * FROM pages WHERE attachment_id = a.id ORDER BY number)
) AS pages
FROM attachments AS a WHERE a.id = :id

-- name: may_keep_cut_text
-- Whether what an extraction gave before it was ended is better than what the document of a job has:
-- nothing, no words, a text of other content, or one that was cut off no later.
SELECT a.text_status IS NULL OR is_stale(a.id) OR a.text_status = 'empty'
       OR (is_cut(a.id) AND length(replace(a.extracted_text, char(12), '')) <= :characters)
FROM attachments AS a JOIN extraction_queue AS q ON q.attachment_id = a.id WHERE q.id = :job_id

-- name: text_of_job
-- What is known of the text that the document of a job has, or has had.
SELECT a.id, iif(p.is_stale, 'stale', a.text_status) AS text_status, p.is_cut,
       p.attachment_id IS NOT NULL AS had_text
FROM attachments AS a LEFT JOIN text_provenance AS p ON p.attachment_id = a.id
WHERE a.id = (SELECT attachment_id FROM extraction_queue WHERE id = :job_id)

-- name: keep_text
-- Not a text that is given again word for word.
INSERT OR REPLACE INTO earlier_texts (
    attachment_id, extractor, extractor_version, extracted_at, text_status, page_count,
    page_offsets, confidence, confidence_reason, extracted_text
)
SELECT id, coalesce(extractor, ''), extractor_version, extracted_at, text_status, page_count,
       page_offsets, confidence, confidence_reason, extracted_text
FROM attachments
WHERE id = :id AND extracted_text IS NOT NULL
  AND NOT (extractor IS :extractor AND extracted_text = :text)

-- name: forget_same_text
DELETE FROM earlier_texts
WHERE attachment_id = :id AND extractor = :extractor AND extracted_text = :text

-- name: forget_earlier_texts
DELETE FROM earlier_texts WHERE attachment_id = :id

-- name: earlier_texts
SELECT attachment_id, extractor, extractor_version, extracted_at, text_status, page_count,
       page_offsets, confidence, confidence_reason, extracted_text
FROM earlier_texts WHERE attachment_id = :id ORDER BY extracted_at DESC, extractor

-- name: texts_of_two
-- The documents of which both extractors have given a text of the same content, without the texts.
WITH texts AS (
    SELECT id AS attachment_id, extractor, page_count, confidence FROM attachments
    WHERE is_stale(attachments.id) IS NOT 1 AND extracted_text IS NOT NULL
    UNION ALL
    SELECT e.attachment_id, e.extractor, e.page_count, e.confidence
    FROM earlier_texts AS e JOIN attachments AS a ON a.id = e.attachment_id
    WHERE a.extractor IS NOT e.extractor AND is_stale(a.id) IS NOT 1
),
times AS (
    -- SQLite takes the other columns from the row with the maximum.
    SELECT attachment_id, extractor, extraction_time_ms, max(id) FROM extraction_metrics
    WHERE outcome = 'complete' AND extractor IN (:first, :second)
    GROUP BY attachment_id, extractor
)
SELECT a.id AS attachment_id, a.filename,
       one.page_count AS pages_first, two.page_count AS pages_second,
       one.confidence AS confidence_first, two.confidence AS confidence_second,
       t1.extraction_time_ms AS time_ms_first, t2.extraction_time_ms AS time_ms_second
FROM texts AS one
JOIN texts AS two ON two.attachment_id = one.attachment_id AND two.extractor = :second
JOIN attachments AS a ON a.id = one.attachment_id
LEFT JOIN times AS t1 ON t1.attachment_id = a.id AND t1.extractor = :first
LEFT JOIN times AS t2 ON t2.attachment_id = a.id AND t2.extractor = :second
WHERE one.extractor = :first
ORDER BY a.id

-- name: text_by
-- The text that an extractor gave last.
SELECT extracted_text FROM attachments WHERE id = :id AND extractor = :extractor
UNION ALL
SELECT extracted_text FROM earlier_texts WHERE attachment_id = :id AND extractor = :extractor
LIMIT 1

-- name: search
SELECT a.id AS attachment_id, a.filename AS filename, a.path AS path,
       a.mime_type AS mime_type, a.file_size AS file_size, a.content_hash AS content_hash,
       a.page_offsets AS page_offsets, hit.rank AS rank,
       EXISTS (SELECT 1 FROM attachment_places WHERE attachment_id = a.id) AS has_copies
FROM attachments_fts AS hit JOIN attachments AS a ON a.id = hit.rowid
WHERE attachments_fts MATCH :query
  AND (:path_from IS NULL
       OR (CAST(replace(CAST(a.path AS TEXT), '//', '/') AS BLOB) >= :path_from
           AND CAST(replace(CAST(a.path AS TEXT), '//', '/') AS BLOB) < :path_to)
       OR EXISTS (SELECT 1 FROM attachment_places AS p
                  WHERE p.attachment_id = a.id AND CAST(p.path AS BLOB) >= :path_from
                    AND CAST(p.path AS BLOB) < :path_to))
  AND (coalesce(:mime_type, :suffix) IS NULL OR a.mime_type = :mime_type
       OR substr(lower(a.filename), -length(:suffix)) = :suffix)
  AND (:ids IS NULL OR a.id IN (SELECT value FROM json_each(:ids)))
ORDER BY hit.rank
LIMIT :limit

-- name: page_label
SELECT label FROM pages WHERE attachment_id = :id AND number = :number

-- name: text
SELECT extracted_text FROM attachments WHERE id = :id

-- name: may_be_enqueued
-- For each id, in their order: whether there is such an attachment, and whether it has an open job
-- of a task, which is one that is not completed.
SELECT value AS id,
       EXISTS (SELECT 1 FROM attachments WHERE attachments.id = value) AS known,
       EXISTS (SELECT 1 FROM extraction_queue
               WHERE attachment_id = value AND task = :task
                 AND completed_at IS NULL) AS has_open_job
FROM json_each(:ids)

-- name: enqueue
-- Plain VALUES: to insert what is selected from the same table takes a temporary one.
INSERT INTO extraction_queue (
    attachment_id, priority, max_retries, created_at, available_at, is_extra, task, options,
    batch_id
)
VALUES (
    :attachment_id, :priority, :max_retries, :now, :now, :is_extra, :task,
    coalesce(
        :options,
        (SELECT options FROM text_provenance
         WHERE attachment_id = :attachment_id AND :task = 'text'),
        (SELECT options FROM task_provenance
         WHERE attachment_id = :attachment_id AND task = :task),
        (SELECT options FROM extraction_queue
         WHERE attachment_id = :attachment_id AND task = :task ORDER BY id DESC LIMIT 1),
        '{}'
    ),
    :batch_id
)

-- name: make_batch
-- Its jobs are counted by triggers, as they come and end.
INSERT INTO batches (created_at, jobs, open_jobs) VALUES (:now, 0, 0)

-- name: may_be_read_again
-- For each id, in their order, what is known of it; :ids is a JSON array. Of its open jobs the one
-- that is being processed, else the latest.
SELECT i.value AS id, a.id IS NOT NULL AS known, a.path, a.mime_type, o.id AS open_job,
       o.extractor AS open_extractor
FROM json_each(:ids) AS i LEFT JOIN attachments AS a ON a.id = i.value
LEFT JOIN extraction_queue AS o ON o.id = (
    SELECT q.id FROM extraction_queue AS q
    WHERE q.attachment_id = a.id AND q.task = 'text' AND q.completed_at IS NULL
    ORDER BY q.status = 'processing' DESC, q.id DESC LIMIT 1
)

-- name: enqueue_again
INSERT INTO extraction_queue (
    attachment_id, priority, max_retries, created_at, available_at, extractor, options
)
VALUES (
    :attachment_id, 0, :max_retries, :now, :now, :extractor,
    coalesce(
        (SELECT options FROM text_provenance WHERE attachment_id = :attachment_id),
        (SELECT options FROM extraction_queue
         WHERE attachment_id = :attachment_id AND task = 'text' ORDER BY id DESC LIMIT 1),
        '{}'
    )
)

-- name: ask_for_extractor
-- Of a job that waits; NULL asks for the usual one, which a job without a wish has already.
UPDATE extraction_queue SET extractor = :extractor
WHERE id = :job_id AND status IN ('pending', 'retry_pending')
  AND coalesce(:extractor, extractor) IS NOT NULL

-- name: last_id
SELECT last_insert_rowid()

-- name: claim
-- The best pending job; when a retry is due, the best of both. Index probes, and not one over both
-- states: that made each claim walk past every retry that is not yet due. Sorting due retries takes
-- a temporary table, five times the rest of a claim, so it is left out while there are none.
-- A retry that is further away than any delay (:horizon) was written before the clock was set back:
-- it is due as well.
UPDATE extraction_queue
SET status = 'processing', worker_id = :worker_id, started_at = :now, claims = claims + 1,
    next_retry_at = NULL
WHERE id = CASE
    WHEN EXISTS (
        SELECT 1 FROM extraction_queue INDEXED BY idx_queue_status_retry
        WHERE status = 'retry_pending' AND task = :task AND next_retry_at <= :now
    ) OR EXISTS (
        SELECT 1 FROM extraction_queue INDEXED BY idx_queue_status_retry
        WHERE status = 'retry_pending' AND task = :task AND next_retry_at > :horizon
    )
    THEN (
        SELECT id FROM (
            SELECT * FROM (
                SELECT id, priority, created_at
                FROM extraction_queue INDEXED BY idx_queue_status_created
                WHERE status = 'pending' AND task = :task
                ORDER BY priority DESC, created_at, id LIMIT 1
            )
            UNION ALL
            SELECT * FROM (
                SELECT id, priority, created_at
                FROM extraction_queue INDEXED BY idx_queue_status_retry
                WHERE status = 'retry_pending' AND task = :task AND next_retry_at <= :now
                ORDER BY priority DESC, created_at, id LIMIT 1
            )
            UNION ALL
            SELECT * FROM (
                SELECT id, priority, created_at
                FROM extraction_queue INDEXED BY idx_queue_status_retry
                WHERE status = 'retry_pending' AND task = :task AND next_retry_at > :horizon
                ORDER BY priority DESC, created_at, id LIMIT 1
            )
        )
        ORDER BY priority DESC, created_at, id LIMIT 1
    )
    ELSE (
        SELECT id FROM extraction_queue INDEXED BY idx_queue_status_created
        WHERE status = 'pending' AND task = :task
        ORDER BY priority DESC, created_at, id LIMIT 1
    )
END
RETURNING *

-- name: claim_but
-- As claim, without the jobs of extractors in :left, a JSON array: another process has those. Who
-- accepted a document reads its text; for other tasks that says nothing.
UPDATE extraction_queue
SET status = 'processing', worker_id = :worker_id, started_at = :now, claims = claims + 1,
    next_retry_at = NULL
WHERE id = (
    SELECT id FROM (
        SELECT * FROM (
            SELECT q.id, q.priority, q.created_at
            FROM extraction_queue AS q INDEXED BY idx_queue_status_created
            LEFT JOIN attachment_extractors AS e
              ON e.attachment_id = q.attachment_id AND q.task = 'text'
            WHERE q.status = 'pending' AND q.task = :task AND coalesce(q.extractor, e.extractor, '')
                  NOT IN (SELECT value FROM json_each(:left))
            ORDER BY q.priority DESC, q.created_at, q.id LIMIT 1
        )
        UNION ALL
        SELECT * FROM (
            SELECT q.id, q.priority, q.created_at
            FROM extraction_queue AS q INDEXED BY idx_queue_status_retry
            LEFT JOIN attachment_extractors AS e
              ON e.attachment_id = q.attachment_id AND q.task = 'text'
            WHERE q.status = 'retry_pending' AND q.task = :task AND q.next_retry_at <= :now
              AND coalesce(q.extractor, e.extractor, '')
                  NOT IN (SELECT value FROM json_each(:left))
            ORDER BY q.priority DESC, q.created_at, q.id LIMIT 1
        )
        UNION ALL
        SELECT * FROM (
            SELECT q.id, q.priority, q.created_at
            FROM extraction_queue AS q INDEXED BY idx_queue_status_retry
            LEFT JOIN attachment_extractors AS e
              ON e.attachment_id = q.attachment_id AND q.task = 'text'
            WHERE q.status = 'retry_pending' AND q.task = :task AND q.next_retry_at > :horizon
              AND coalesce(q.extractor, e.extractor, '')
                  NOT IN (SELECT value FROM json_each(:left))
            ORDER BY q.priority DESC, q.created_at, q.id LIMIT 1
        )
    )
    ORDER BY priority DESC, created_at, id LIMIT 1
)
RETURNING *

-- name: claimable_but
SELECT EXISTS (
    SELECT 1 FROM extraction_queue AS q INDEXED BY idx_queue_status_created
    LEFT JOIN attachment_extractors AS e
      ON e.attachment_id = q.attachment_id AND q.task = 'text'
    WHERE q.status = 'pending' AND q.task = :task
      AND coalesce(q.extractor, e.extractor, '') NOT IN (SELECT value FROM json_each(:left))
) OR EXISTS (
    SELECT 1 FROM extraction_queue AS q INDEXED BY idx_queue_status_retry
    LEFT JOIN attachment_extractors AS e
      ON e.attachment_id = q.attachment_id AND q.task = 'text'
    WHERE q.status = 'retry_pending' AND q.task = :task
      AND (q.next_retry_at <= :now OR q.next_retry_at > :horizon)
      AND coalesce(q.extractor, e.extractor, '') NOT IN (SELECT value FROM json_each(:left))
)

-- name: extractors_elsewhere
-- Of pools that run, be they paused, with what their processes tell of themselves.
SELECT hostname, pid, process_started_at, last_heartbeat, heartbeat_interval, extractors
FROM worker_heartbeat
WHERE status IN ('idle', 'busy', 'paused') AND extractors IS NOT NULL

-- name: open_jobs_of
-- How many jobs are open of each task, and in it of each extractor in :left, a JSON array, and NULL
-- for all others; of all batches, or of :batch.
SELECT task, iif(name IN (SELECT value FROM json_each(:left)), name, NULL) AS extractor,
       count(*) AS jobs
FROM (
    SELECT q.task, coalesce(q.extractor, e.extractor) AS name FROM extraction_queue AS q
    LEFT JOIN attachment_extractors AS e
      ON e.attachment_id = q.attachment_id AND q.task = 'text'
    WHERE q.status IN ('pending', 'processing', 'retry_pending')
      AND (:batch IS NULL OR q.batch_id = :batch)
)
GROUP BY 1, 2 ORDER BY 1, 2

-- name: has_open_jobs
-- Whether any job is open of :tasks, a JSON array. Index probes, however many wait.
SELECT EXISTS (SELECT 1 FROM extraction_queue INDEXED BY idx_queue_status_created
               WHERE status = 'pending' AND task IN (SELECT value FROM json_each(:tasks)))
    OR EXISTS (SELECT 1 FROM extraction_queue INDEXED BY idx_queue_status_retry
               WHERE status = 'retry_pending' AND task IN (SELECT value FROM json_each(:tasks)))
    OR EXISTS (SELECT 1 FROM extraction_queue INDEXED BY idx_queue_processing
               WHERE status = 'processing' AND task IN (SELECT value FROM json_each(:tasks)))

-- name: claimable
-- The indexes are named: left alone, SQLite looks for a pending job by walking through all jobs.
SELECT EXISTS (SELECT 1 FROM extraction_queue INDEXED BY idx_queue_status_created
               WHERE status = 'pending' AND task = :task)
    OR EXISTS (SELECT 1 FROM extraction_queue INDEXED BY idx_queue_status_retry
               WHERE status = 'retry_pending' AND task = :task
                 AND next_retry_at <= :now)
    OR EXISTS (SELECT 1 FROM extraction_queue INDEXED BY idx_queue_status_retry
               WHERE status = 'retry_pending' AND task = :task
                 AND next_retry_at > :horizon)

-- name: record_attempt
-- The history of an attempt that ends now. Also the fence: no row is written, and nothing else
-- may be, unless the job is still being processed under this claim.
INSERT INTO extraction_metrics (
    job_id, attachment_id, attempt, worker_id, extractor, extractor_version, mime_type, file_size,
    page_count, char_count, confidence, text_status, outcome, started_at, finished_at,
    queue_wait_ms, extraction_time_ms, cpu_time_ms, peak_rss_mb, content_hash, task
)
SELECT
    q.id, q.attachment_id, q.claims, q.worker_id, :extractor, :extractor_version,
    coalesce(:mime_type, a.mime_type), a.file_size, :page_count, :char_count, :confidence,
    :text_status, :outcome, q.started_at, :now,
    max(0, round((julianday(q.started_at) - julianday(q.available_at)) * 86400000)),
    :extraction_time_ms, :cpu_time_ms, :peak_rss_mb, a.content_hash, q.task
FROM extraction_queue AS q JOIN attachments AS a ON a.id = q.attachment_id
WHERE q.id = :job_id AND q.status = 'processing' AND q.claims = coalesce(:attempt, q.claims)

-- name: record_failure
-- Of the attempt that has just been recorded: most have none, and what is NULL costs as well.
UPDATE extraction_metrics
SET error_type = :error_type, error_code = :error_code, error_message = :error_message,
    exception_type = :exception_type, traceback = :traceback, signal = :signal,
    stderr_tail = :stderr_tail, failed_page = :failed_page, recipe = :recipe
WHERE id = last_insert_rowid()

-- name: complete
UPDATE extraction_queue
SET status = 'complete', completed_at = :now, error_type = NULL, error_code = NULL,
    error_message = NULL
WHERE id = :job_id AND status = 'processing' AND claims = coalesce(:attempt, claims)

-- name: task_of_job
SELECT task FROM extraction_queue WHERE id = :job_id

-- name: attempts_so_far
SELECT attachment_id, attempts, max_retries FROM extraction_queue
WHERE id = :job_id AND status = 'processing' AND claims = coalesce(:attempt, claims)

-- name: retry_later
UPDATE extraction_queue
SET status = 'retry_pending', attempts = attempts + :counted, max_retries = :max_retries,
    next_retry_at = :due, available_at = :due, error_type = :error_type,
    error_code = :error_code, error_message = :error_message
WHERE id = :job_id AND status = 'processing' AND claims = coalesce(:attempt, claims)

-- name: fail
UPDATE extraction_queue
SET status = 'failed', attempts = attempts + :counted, max_retries = :max_retries, completed_at = :now,
    error_type = :error_type, error_code = :error_code, error_message = :error_message
WHERE id = :job_id AND status = 'processing' AND claims = coalesce(:attempt, claims)

-- name: give_back
-- Claimable at once, its attempt counted.
UPDATE extraction_queue
SET status = 'pending', attempts = attempts + :counted, worker_id = NULL, started_at = NULL,
    available_at = :now, error_type = :error_type, error_code = :error_code,
    error_message = :error_message
WHERE id = :job_id AND status = 'processing' AND claims = coalesce(:attempt, claims)

-- name: release
UPDATE extraction_queue
SET status = 'pending', worker_id = NULL, started_at = NULL, available_at = :now
WHERE id = :job_id AND status = 'processing' AND claims = coalesce(:attempt, claims)

-- name: interrupt_all
-- With the next two: in a copy of a database nobody is at work.
INSERT INTO extraction_metrics (
    job_id, attachment_id, attempt, worker_id, outcome, started_at, finished_at, task
)
SELECT id, attachment_id, claims, worker_id, 'interrupted', started_at, :now, task
FROM extraction_queue WHERE status = 'processing'

-- name: release_all
UPDATE extraction_queue
SET status = 'pending', worker_id = NULL, started_at = NULL, available_at = :now
WHERE status = 'processing'

-- name: stop_all
UPDATE worker_heartbeat
SET status = 'stopped', current_job_id = NULL, current_page = NULL, current_page_count = NULL
WHERE status <> 'stopped'

-- name: cancel
UPDATE extraction_queue
SET status = 'cancelled', completed_at = :now, next_retry_at = NULL
WHERE id = :job_id AND status IN ('pending', 'processing', 'retry_pending')
RETURNING *

-- name: retry_failed
-- A fresh start: attempts from zero, claims go on.
UPDATE extraction_queue
SET status = 'pending', attempts = 0, completed_at = NULL, started_at = NULL, worker_id = NULL,
    available_at = :now, error_type = NULL, error_code = NULL, error_message = NULL
WHERE status = 'failed' AND id = coalesce(:job_id, id)
  -- The attachment may have an open job of this task by now; two would do the work twice.
  AND NOT EXISTS (
      SELECT 1 FROM extraction_queue AS other
      WHERE other.attachment_id = extraction_queue.attachment_id
        AND other.task = extraction_queue.task
        AND other.status IN ('pending', 'processing', 'retry_pending')
  )
  AND (:job_id IS NOT NULL
       OR id = latest_job(extraction_queue.attachment_id, extraction_queue.task))

-- name: latest_job
-- The one of several jobs of a document and task that speaks for them: an open one, else the one
-- that ended last; a cancelled one says nothing. `latest_job()` in other statements stands for this.
SELECT id FROM extraction_queue AS latest
WHERE latest.attachment_id = :attachment_id AND latest.task = :task
ORDER BY latest.completed_at IS NOT NULL, latest.status = 'cancelled', latest.completed_at DESC,
         latest.id DESC LIMIT 1

-- name: standing_failures
-- The latest job of each document and task that failed since a time; '' for all. Each is looked at
-- once, however often it has failed. `standing_failures()` in other statements stands for this.
SELECT latest_job(f.attachment_id, f.task) FROM (
    SELECT DISTINCT attachment_id, task FROM extraction_queue
    WHERE status = 'failed' AND status <> 'complete' AND completed_at >= :since
) AS f

-- name: job
SELECT * FROM extraction_queue WHERE id = :job_id

-- name: still_mine
SELECT EXISTS (
    SELECT 1 FROM extraction_queue
    WHERE id = :job_id AND status = 'processing' AND claims = :attempt
)

-- name: failed_jobs
SELECT * FROM extraction_queue
WHERE status = 'failed' AND completed_at IS NOT NULL AND status <> 'complete'
ORDER BY completed_at DESC, id DESC LIMIT :limit

-- name: recent_jobs
SELECT q.id AS job_id, q.attachment_id, a.filename, q.status, q.priority, q.attempts,
       q.created_at, q.started_at, q.completed_at, q.next_retry_at, q.worker_id,
       q.error_type, q.error_code, q.error_message, shown_status(a.id) AS text_status,
       a.confidence, a.page_count
FROM extraction_queue AS q JOIN attachments AS a ON a.id = q.attachment_id
ORDER BY q.id DESC LIMIT :limit

-- name: first_jobs
-- Of the list of a state: of those that wait in the order in which they are taken, texts before all
-- else, of those that ended the latest. The parts of one state have rows; each reads its index as far
-- as :limit, and whoever asks takes so many of all.
SELECT id FROM (
    SELECT id FROM extraction_queue INDEXED BY idx_queue_status_created
    WHERE :status = 'pending' AND status = 'pending' AND task = 'text'
    ORDER BY priority DESC, created_at, id LIMIT :limit
)
UNION ALL
SELECT id FROM (
    SELECT id FROM extraction_queue INDEXED BY idx_queue_status_created
    WHERE :status = 'pending' AND status = 'pending' AND task < 'text'
    ORDER BY task, priority DESC, created_at, id LIMIT :limit
)
UNION ALL
SELECT id FROM (
    SELECT id FROM extraction_queue INDEXED BY idx_queue_status_created
    WHERE :status = 'pending' AND status = 'pending' AND task > 'text'
    ORDER BY task, priority DESC, created_at, id LIMIT :limit
)
UNION ALL
SELECT id FROM (
    SELECT id FROM extraction_queue
    WHERE :status = 'processing' AND status = 'processing' ORDER BY started_at, id LIMIT :limit
)
UNION ALL
SELECT id FROM (
    SELECT id FROM extraction_queue INDEXED BY idx_queue_status_retry
    WHERE :status = 'retry_pending' AND status = 'retry_pending'
    ORDER BY task <> 'text', task, next_retry_at, id LIMIT :limit
)
UNION ALL
SELECT id FROM (
    SELECT id FROM extraction_queue AS q INDEXED BY idx_queue_finished
    WHERE status = :status AND status <> 'complete' AND completed_at IS NOT NULL
      AND (status <> 'failed' OR id = latest_job(q.attachment_id, q.task))
    ORDER BY completed_at DESC, id DESC LIMIT :limit
)
UNION ALL
SELECT id FROM (
    SELECT id FROM extraction_queue
    WHERE :status = 'complete' AND status = 'complete' ORDER BY id DESC LIMIT :limit
)

-- name: matching_jobs
-- All of a state, in the same order, that have each word of :words somewhere; a word is a JSON
-- array of its spellings.
SELECT q.id FROM extraction_queue AS q JOIN attachments AS a ON a.id = q.attachment_id
WHERE q.status = :status
  AND (:status <> 'failed' OR q.id IN standing_failures(''))
  AND NOT EXISTS (
    SELECT 1 FROM json_each(:words) AS word WHERE NOT EXISTS (
        SELECT 1 FROM json_each(word.value) AS spelling
        WHERE a.filename || char(10) || CAST(a.path AS TEXT) || char(10)
              || coalesce(q.error_code, '') || char(10) || coalesce(q.error_message, '')
              LIKE spelling.value ESCAPE '\'
    )
)
ORDER BY iif(q.status IN ('pending', 'retry_pending'), q.task <> 'text', 0),
         iif(q.status IN ('pending', 'retry_pending'), q.task, ''),
         iif(q.status = 'pending', -q.priority, 0),
         iif(q.completed_at IS NULL,
             coalesce(q.next_retry_at, iif(q.status = 'processing', q.started_at, q.created_at)),
             ''),
         q.completed_at DESC, iif(q.completed_at IS NULL, q.id, -q.id)

-- name: listed_jobs
SELECT q.id AS job_id, q.attachment_id, a.filename, a.path, q.status, q.attempts, q.created_at,
       q.available_at, q.started_at, q.next_retry_at, q.completed_at, q.error_type, q.error_code,
       q.error_message, q.task, m.finished_at AS last_ended_at
FROM json_each(:ids) AS wanted
JOIN extraction_queue AS q ON q.id = wanted.value
JOIN attachments AS a ON a.id = q.attachment_id
LEFT JOIN extraction_metrics AS m ON m.job_id = q.id AND m.attempt = q.claims
ORDER BY wanted.key

-- name: attempts_of_job
SELECT attempt, outcome, started_at, finished_at, extraction_time_ms, extractor, error_code,
       error_message, failed_page, signal, traceback, stderr_tail
FROM extraction_metrics WHERE job_id = :job_id ORDER BY attempt DESC LIMIT :limit

-- name: states_of_jobs
SELECT q.status, count(*) AS jobs
FROM json_each(:ids) AS wanted JOIN extraction_queue AS q ON q.id = wanted.value
GROUP BY q.status

-- name: retriable_jobs
-- Those that `retry_failed` resets when it is not asked for one, by what they failed of.
SELECT q.id, q.error_type FROM extraction_queue AS q
WHERE q.status = 'failed' AND q.status <> 'complete' AND q.completed_at IS NOT NULL
  AND q.id IN standing_failures('')
ORDER BY q.completed_at DESC, q.id DESC

-- name: oldest_waiting
SELECT q.id AS job_id, a.filename, q.available_at
FROM extraction_queue AS q INDEXED BY idx_queue_status_created
JOIN attachments AS a ON a.id = q.attachment_id
WHERE q.status = 'pending' ORDER BY q.available_at, q.id LIMIT 1

-- name: waiting_for_task
SELECT (SELECT count(*) FROM extraction_queue INDEXED BY idx_queue_status_created
        WHERE status = 'pending' AND task = :task)
     + (SELECT count(*) FROM extraction_queue INDEXED BY idx_queue_status_retry
        WHERE status = 'retry_pending' AND task = :task)

-- name: newest
SELECT (SELECT max(id) FROM extraction_queue) AS job,
       (SELECT max(id) FROM extraction_metrics) AS attempt

-- name: processing_jobs
SELECT q.id AS job_id, q.claims AS attempt, q.started_at, q.worker_id, a.filename,
       h.hostname, h.pid, h.process_started_at, h.last_heartbeat, h.heartbeat_interval,
       h.status AS worker_status
FROM extraction_queue AS q
JOIN attachments AS a ON a.id = q.attachment_id
LEFT JOIN worker_heartbeat AS h ON h.worker_id = q.worker_id
WHERE q.status = 'processing'

-- name: count_attachments
SELECT count(*) FROM attachments

-- name: counts
SELECT status, jobs FROM queue_counts

-- name: completed_since
SELECT count(*) FROM extraction_metrics WHERE outcome = 'complete' AND finished_at >= :since

-- name: average_extraction_time
-- Over the latest 1,000 at most, so that it does not grow with history.
SELECT avg(extraction_time_ms) FROM (
    SELECT extraction_time_ms FROM extraction_metrics
    WHERE finished_at >= :since AND outcome = 'complete' AND extraction_time_ms IS NOT NULL
    ORDER BY finished_at DESC LIMIT 1000
)

-- name: heartbeat_claimed
-- Whoever claims leaves word of who it is, so that its death can be noticed.
INSERT INTO worker_heartbeat (
    worker_id, hostname, pid, process_started_at, status, last_heartbeat, started_at,
    current_job_id
)
VALUES (:worker_id, :hostname, :pid, :process_started_at, 'busy', :now, :now, :job_id)
ON CONFLICT (worker_id) DO UPDATE
SET hostname = :hostname, pid = :pid, process_started_at = :process_started_at,
    status = 'busy', last_heartbeat = :now, current_job_id = :job_id,
    current_page = NULL, current_page_count = NULL

-- name: heartbeat_finished
-- The attempt has been recorded, under its fence; so it counts.
UPDATE worker_heartbeat
SET jobs_completed = jobs_completed + :completed, jobs_failed = jobs_failed + :failed,
    status = iif(status = 'busy' AND current_job_id IS :job_id, 'idle', status),
    last_heartbeat = :now,
    current_page = iif(current_job_id IS :job_id, NULL, current_page),
    current_page_count = iif(current_job_id IS :job_id, NULL, current_page_count),
    current_job_id = nullif(current_job_id, :job_id)
WHERE worker_id = (SELECT worker_id FROM extraction_metrics
                   WHERE job_id = :job_id ORDER BY attempt DESC LIMIT 1)

-- name: heartbeat_abandoned
-- Of a worker that was given up: its last sign of life stays what it was.
UPDATE worker_heartbeat
SET status = 'stopped', jobs_failed = jobs_failed + :failed, current_job_id = NULL,
    current_page = NULL, current_page_count = NULL
WHERE worker_id = :worker_id AND current_job_id = :job_id

-- name: workers_gone
-- :ids is a JSON array: their processes are dead, and they have no job.
UPDATE worker_heartbeat SET status = 'stopped'
WHERE worker_id IN (SELECT value FROM json_each(:ids)) AND current_job_id IS NULL

-- name: beat
-- What a beat says was seen before it got the write lock. Meanwhile the worker may have ended that
-- job, claimed another or stopped, each in a transaction of its own. So a beat says that the worker
-- lives; which job it has, claims and ends of jobs alone say, and `stopped` is final.
INSERT INTO worker_heartbeat (
    worker_id, hostname, pid, process_started_at, status, last_heartbeat, heartbeat_interval,
    started_at, current_job_id, current_page, current_page_count, extractors
)
VALUES (:worker_id, :hostname, :pid, :process_started_at, :status, :now, :interval, :now,
        :job_id, :page, :page_count, :extractors)
ON CONFLICT (worker_id) DO UPDATE
SET last_heartbeat = :now, heartbeat_interval = :interval, extractors = :extractors,
    status = CASE WHEN :status = 'stopped' THEN 'stopped'
                  WHEN current_job_id IS NOT NULL THEN 'busy'
                  WHEN :status = 'busy' THEN 'idle'
                  ELSE :status END,
    current_page = iif(current_job_id IS :job_id, :page, current_page),
    current_page_count = iif(current_job_id IS :job_id, :page_count, current_page_count),
    current_job_id = iif(:status = 'stopped', NULL, current_job_id)
WHERE worker_heartbeat.status <> 'stopped'

-- name: workers
SELECT worker_id, hostname, pid, process_started_at, status, last_heartbeat, heartbeat_interval,
       started_at, current_job_id, jobs_completed, jobs_failed, current_page, current_page_count
FROM worker_heartbeat ORDER BY started_at, worker_id

-- name: forget_workers
DELETE FROM worker_heartbeat
WHERE last_heartbeat < :before AND worker_id NOT IN (
    SELECT worker_id FROM extraction_queue WHERE status = 'processing'
)

-- name: needs_extraction
-- :ids, :outside and :lacking are JSON arrays; :ids may be NULL for all. :recipes is a JSON object,
-- the recipe of each extractor by its name: a text that was made with a lower one is to be renewed.
-- A failure is outdated when the file has other content than the attempt saw, or is read in another
-- way. Where the content is not known it counts as another when it was written after the job ended,
-- or has another size.
-- lacks: a process looked for an extractor in vain; it is to be read if there is one here now.
SELECT id, filename, path, mime_type, extractor, accepted_type, suffix,
       status = 'failed' AND NOT is_outdated
           AND error_code IN (SELECT value FROM json_each(:lacking)) AS lacks,
       iif(status = 'failed', error_code, NULL) AS error_code, error_message,
       text_status, is_stale, is_cut, is_renewed, read_by, recipe, confidence_reason, extracted_at,
       failed_by, failed_recipe, may_be_read_now
FROM (
    SELECT a.id, a.filename, a.path, a.mime_type,
           e.extractor, e.mime_type AS accepted_type, e.suffix,
           a.text_status, a.extractor AS read_by, a.confidence_reason, a.extracted_at,
           iif(a.text_status IS NULL, NULL, coalesce(p.recipe, 0)) AS recipe,
           coalesce(p.is_stale, 0) AS is_stale, coalesce(p.is_cut, 0) AS is_cut,
           coalesce(coalesce(p.recipe, 0) < r.value, 0) AS is_renewed,
           q.status, q.error_code, q.error_message, m.exception_type, m.extractor AS failed_by,
           m.recipe AS failed_recipe, coalesce(m.recipe < s.value, 0) AS may_be_read_now,
           a.mime_type IS NOT m.mime_type
           OR CASE WHEN a.content_hash IS NOT NULL AND m.content_hash IS NOT NULL
              THEN a.content_hash <> m.content_hash
              ELSE coalesce(
                  a.file_mtime_ns / 1000000000.0
                      > (julianday(q.completed_at) - 2440587.5) * 86400.0
                  OR a.file_size IS NOT m.file_size,
                  0
              ) END AS is_outdated
    FROM attachments AS a
    LEFT JOIN text_provenance AS p ON p.attachment_id = a.id
    LEFT JOIN json_each(:recipes) AS r ON r.key = a.extractor
    LEFT JOIN attachment_extractors AS e ON e.attachment_id = a.id
    LEFT JOIN extraction_queue AS q
      ON q.id = latest_job(a.id, 'text')
    LEFT JOIN extraction_metrics AS m
      ON q.status = 'failed' AND m.job_id = q.id
      AND m.attempt = (SELECT max(attempt) FROM extraction_metrics WHERE job_id = q.id)
    LEFT JOIN json_each(:recipes) AS s ON s.key = m.extractor
    WHERE (:ids IS NULL OR a.id IN (SELECT value FROM json_each(:ids)))
      AND (a.text_status IS NULL OR p.is_stale OR p.is_cut OR coalesce(p.recipe, 0) < r.value)
)
WHERE CASE status
      WHEN 'pending' THEN 0 WHEN 'processing' THEN 0 WHEN 'retry_pending' THEN 0
      WHEN 'failed' THEN
          is_outdated
          -- What another extractor failed over says nothing of this one.
          OR is_renewed AND failed_by IS NOT read_by
          OR may_be_read_now
          OR error_code IN (SELECT value FROM json_each(:outside))
          OR error_code IN (SELECT value FROM json_each(:lacking))
             AND exception_type IS NOT NULL
      ELSE 1 END
ORDER BY id

-- name: documents
-- Every document with the latest job for its text, without that text. :ids is a JSON array, or NULL
-- for all.
SELECT a.id AS attachment_id, a.filename, a.path, a.mime_type, a.file_size, a.title,
       shown_status(a.id) AS text_status, a.page_count, a.confidence, a.confidence_reason,
       a.extractor,
       a.extracted_at, q.id AS job_id, q.status AS job_status, q.attempts,
       q.completed_at, q.error_type, q.error_code, q.error_message
FROM attachments AS a
LEFT JOIN extraction_queue AS q
  ON q.id = latest_job(a.id, 'text')
WHERE :ids IS NULL OR a.id IN (SELECT value FROM json_each(:ids))
ORDER BY a.id

-- name: failures_of_other_tasks
-- Documents as in the statement `documents`, with a failed job that was not for their text.
SELECT a.id AS attachment_id, a.filename, a.path, a.mime_type, a.file_size, a.title,
       shown_status(a.id) AS text_status, a.page_count, a.confidence, a.confidence_reason,
       a.extractor,
       a.extracted_at, q.id AS job_id, q.status AS job_status, q.attempts,
       q.completed_at, q.error_type, q.error_code, q.error_message, q.task
FROM extraction_queue AS q JOIN attachments AS a ON a.id = q.attachment_id
WHERE q.status = 'failed' AND q.status <> 'complete' AND q.completed_at IS NOT NULL
  AND q.task <> 'text' AND q.id = latest_job(q.attachment_id, q.task)
ORDER BY q.completed_at DESC

-- name: frame_queue_stats
SELECT status, jobs,
       CASE WHEN status = 'complete' THEN (
           SELECT count(*) FROM extraction_metrics
           WHERE outcome = 'complete' AND finished_at >= :since
       ) WHEN status IN ('failed', 'cancelled') THEN (
           SELECT count(*) FROM extraction_queue AS q
           WHERE q.status = queue_counts.status AND q.status <> 'complete'
             AND q.completed_at >= :since
       ) END AS last_24h
FROM queue_counts

-- name: frame_jobs
-- :statuses is a JSON array, or NULL for all; a negative :limit is none.
SELECT q.id AS job_id, q.attachment_id, a.filename, q.status, q.priority, q.attempts,
       q.max_retries, q.created_at, q.started_at, q.next_retry_at, q.completed_at, q.worker_id,
       q.error_type, q.error_code, q.error_message, shown_status(a.id) AS text_status,
       a.page_count, a.confidence,
       a.path, q.task
FROM extraction_queue AS q JOIN attachments AS a ON a.id = q.attachment_id
WHERE (:statuses IS NULL OR q.status IN (SELECT value FROM json_each(:statuses)))
  AND (:since IS NULL OR q.created_at >= :since)
ORDER BY q.id DESC LIMIT :limit

-- name: frame_failed_jobs
-- A failure of a document that the same task was done for since, or is to be, is history.
SELECT q.id AS job_id, a.filename, q.error_type, q.error_code, q.error_message, q.attempts,
       q.completed_at AS failed_at, m.failed_page AS page, m.extractor, m.extraction_time_ms,
       m.exception_type, m.signal, m.traceback, q.attachment_id, a.path, q.task
FROM extraction_queue AS q JOIN attachments AS a ON a.id = q.attachment_id
LEFT JOIN extraction_metrics AS m ON m.job_id = q.id AND m.attempt = q.claims
WHERE q.status = 'failed' AND q.status <> 'complete' AND q.completed_at >= :since
  AND q.id IN standing_failures(:since)
ORDER BY q.completed_at DESC, q.id DESC LIMIT :limit

-- name: frame_metrics
SELECT m.id AS metric_id, m.job_id, m.attempt, m.attachment_id, a.filename, m.outcome,
       m.error_type, m.error_code, m.error_message, m.extractor, m.extractor_version,
       m.mime_type, m.file_size, m.page_count, m.char_count, m.text_status, m.confidence,
       m.worker_id, m.started_at, m.finished_at, m.queue_wait_ms, m.extraction_time_ms,
       m.cpu_time_ms, m.peak_rss_mb, m.exception_type, m.signal, m.failed_page, a.path, m.task
FROM extraction_metrics AS m LEFT JOIN attachments AS a ON a.id = m.attachment_id
WHERE :since IS NULL OR m.finished_at >= :since
ORDER BY m.id DESC LIMIT :limit

-- name: frame_workers
SELECT h.worker_id, h.status, h.hostname, h.pid, h.process_started_at, h.started_at,
       h.last_heartbeat, h.heartbeat_interval, h.current_job_id, a.filename AS document,
       h.current_page AS page, h.current_page_count AS page_count, h.jobs_completed, h.jobs_failed
FROM worker_heartbeat AS h
LEFT JOIN extraction_queue AS q ON q.id = h.current_job_id
LEFT JOIN attachments AS a ON a.id = q.attachment_id
ORDER BY h.started_at, h.worker_id

-- name: latest_doubts
-- Among the latest thousand completions, so that it does not grow with history.
SELECT a.filename, a.text_status, a.confidence_reason
FROM (
    SELECT id, attachment_id, finished_at FROM extraction_metrics
    WHERE outcome = 'complete' ORDER BY finished_at DESC LIMIT 1000
) AS m
JOIN attachments AS a ON a.id = m.attachment_id
WHERE a.text_status IN ('empty', 'partial') AND is_stale(a.id) IS NOT 1
GROUP BY a.id ORDER BY max(m.finished_at) DESC, max(m.id) DESC LIMIT :limit

-- name: newest_attempt
SELECT max(finished_at) FROM extraction_metrics

-- name: frame_batches
-- Counted from their jobs: those that were deleted with their document are in `jobs` alone.
SELECT b.id AS batch_id, b.created_at, b.completed_at, b.jobs, b.open_jobs AS open,
       count(*) FILTER (WHERE q.status = 'complete') AS complete,
       count(*) FILTER (WHERE q.status = 'failed') AS failed,
       count(*) FILTER (WHERE q.status = 'cancelled') AS cancelled,
       round((julianday(b.completed_at) - julianday(b.created_at)) * 86400, 3) AS seconds
FROM (
    SELECT * FROM batches WHERE :since IS NULL OR created_at >= :since
    ORDER BY id DESC LIMIT :limit
) AS b LEFT JOIN extraction_queue AS q ON q.batch_id = b.id
GROUP BY b.id ORDER BY b.id

-- name: frame_warnings
SELECT a.id AS attachment_id, a.filename, a.path, w.code, w.message, w.page, w.task
FROM (
    SELECT id, filename, path FROM attachments WHERE :since IS NULL OR created_at >= :since
    ORDER BY id DESC LIMIT :limit
) AS a JOIN warnings AS w ON w.attachment_id = a.id
ORDER BY a.id, w.task, w.number

-- name: frame_pages
SELECT a.id AS attachment_id, a.filename, a.path, p.number AS page, p.label, p.confidence, p.reason,
       p.blank, p.origin, p.wants
FROM (
    SELECT id, filename, path FROM attachments WHERE :since IS NULL OR created_at >= :since
    ORDER BY id DESC LIMIT :limit
) AS a JOIN pages AS p ON p.attachment_id = a.id
ORDER BY a.id, p.number

-- name: warnings_of
-- :ids is a JSON array.
SELECT a.path, a.filename, w.message
FROM warnings AS w JOIN attachments AS a ON a.id = w.attachment_id
WHERE a.id IN (SELECT value FROM json_each(:ids))
ORDER BY a.id, w.task, w.number

-- name: batch
-- All its jobs are of one task.
SELECT id, jobs, open_jobs,
       (SELECT task FROM extraction_queue WHERE batch_id = :id LIMIT 1) AS task
FROM batches WHERE id = :id

-- name: batch_counts
SELECT status, count(*) AS jobs FROM extraction_queue WHERE batch_id = :id GROUP BY status

-- name: open_batches
-- And the newest of all, which may have ended.
SELECT id FROM batches WHERE open_jobs > 0 OR id = (SELECT max(id) FROM batches)

-- name: batches_since
-- Those of :ids, a JSON array, and all that are newer than :newest.
SELECT id, jobs, open_jobs, completed_at FROM batches
WHERE id > :newest OR id IN (SELECT value FROM json_each(:ids))
ORDER BY id

-- name: frame_throughput
-- The first :length characters of a time are its second (19) or its minute (16).
SELECT substr(finished_at, 1, :length) AS time, outcome, count(*) AS attempts
FROM extraction_metrics WHERE finished_at >= :since
GROUP BY 1, 2

-- name: frame_attachments
SELECT a.id AS attachment_id, a.filename, a.mime_type, a.file_size, a.title,
       shown_status(a.id) AS text_status,
       a.page_count, a.confidence, a.confidence_reason, a.extractor, a.created_at,
       a.extracted_at, q.status AS job_status, a.path,
       1 + (SELECT count(*) FROM attachment_places WHERE attachment_id = a.id) AS places,
       (SELECT count(*) FROM pages WHERE attachment_id = a.id AND origin <> '') AS ocr_pages
FROM attachments AS a
LEFT JOIN extraction_queue AS q
  ON q.id = latest_job(a.id, 'text')
WHERE :since IS NULL OR a.created_at >= :since
ORDER BY a.id DESC LIMIT :limit

-- name: frame_texts
-- Which documents have a text.
SELECT id FROM attachments
WHERE extracted_text IS NOT NULL AND (:since IS NULL OR created_at >= :since)
ORDER BY id DESC LIMIT :limit

-- name: frame_text
SELECT id AS attachment_id, filename, path, mime_type, extractor,
       shown_status(attachments.id) AS text_status, confidence,
       page_offsets, extracted_text
FROM attachments WHERE id = :id AND extracted_text IS NOT NULL

-- name: frame_summary
-- Every document with what its latest attempt that ended by itself cost.
SELECT a.filename, a.path, a.mime_type, shown_status(a.id) AS text_status, a.page_count,
       a.confidence,
       q.status AS job_status, coalesce(m.extractor, a.extractor) AS extractor, m.outcome,
       m.char_count, m.extraction_time_ms, m.cpu_time_ms, m.peak_rss_mb
FROM attachments AS a
LEFT JOIN extraction_queue AS q
  ON q.id = latest_job(a.id, 'text')
LEFT JOIN extraction_metrics AS m
  ON m.job_id = q.id
  AND m.attempt = (SELECT max(attempt) FROM extraction_metrics
                   WHERE job_id = q.id AND outcome IN ('complete', 'failed'))
ORDER BY a.id

-- name: frame_doubtful
SELECT id AS attachment_id, filename, shown_status(attachments.id) AS text_status, confidence,
       confidence_reason, page_count,
       extractor, mime_type, path
FROM attachments
WHERE text_status IN ('empty', 'partial') AND is_stale(attachments.id) IS NOT 1
   OR confidence < :below
ORDER BY confidence IS NULL, confidence, id LIMIT :limit

-- name: frame_skipped
SELECT path, kind, mime_type, reason, seen_at FROM skipped
WHERE :since IS NULL OR seen_at >= :since
ORDER BY seen_at DESC, path DESC LIMIT :limit

-- name: queue_span
SELECT min(created_at), max(max(created_at, coalesce(completed_at, created_at)))
FROM extraction_queue

-- name: queue_changes
-- By how much the number of open jobs changed when; :length as in frame_throughput, 23 is exact.
SELECT time, sum(change) AS change FROM (
    SELECT substr(created_at, 1, :length) AS time, 1 AS change FROM extraction_queue
    UNION ALL
    SELECT substr(completed_at, 1, :length), -1 FROM extraction_queue
    WHERE completed_at IS NOT NULL
)
GROUP BY time ORDER BY time

-- name: check_search_index
-- rank 1 compares the index with the texts (sqlite.org/fts5.html, the integrity-check command).
INSERT INTO attachments_fts (attachments_fts, rank) VALUES ('integrity-check', 1)

-- name: has_search_view
SELECT 1 FROM sqlite_schema WHERE name = 'attachments_text'

-- name: has_earlier_texts
-- A file that has not been brought up to schema 4 yet has none.
SELECT 1 FROM sqlite_schema WHERE name = 'earlier_texts'

-- name: rebuild_old_search_index
-- Of a file that has not been brought up to schema 3 yet.
INSERT INTO attachments_fts (attachments_fts) VALUES ('rebuild')

-- name: drop_search_view
DROP VIEW attachments_text

-- name: show_folded_texts
-- Only inside a transaction that is rolled back.
CREATE VIEW attachments_text AS
SELECT id, reslib_fold(CAST(filename AS BLOB)) AS filename,
       reslib_fold(CAST(extracted_text AS BLOB)) AS extracted_text
FROM attachments

-- name: empty_search_index
INSERT INTO attachments_fts (attachments_fts) VALUES ('delete-all')

-- name: fill_search_index
INSERT INTO attachments_fts (rowid, filename, extracted_text)
SELECT id, reslib_fold(CAST(filename AS BLOB)), reslib_fold(CAST(extracted_text AS BLOB))
FROM attachments

-- name: wrong_counts
SELECT status FROM queue_counts
WHERE jobs <> (SELECT count(*) FROM extraction_queue AS q WHERE q.status = queue_counts.status)

-- name: has_pages_and_batches
-- A file that has not been brought up to schema 5 yet has none.
SELECT 1 FROM sqlite_schema WHERE name = 'pages'

-- name: wrong_batches
-- `jobs` may be more than there are: those of deleted documents stay counted.
SELECT id FROM batches AS b
WHERE open_jobs <> (SELECT count(*) FROM extraction_queue AS q
                    WHERE q.batch_id = b.id AND q.completed_at IS NULL)
   OR jobs < (SELECT count(*) FROM extraction_queue AS q WHERE q.batch_id = b.id)
   OR (open_jobs = 0) <> (completed_at IS NOT NULL)
ORDER BY id

-- name: recount
UPDATE queue_counts
SET jobs = (SELECT count(*) FROM extraction_queue AS q WHERE q.status = queue_counts.status)

-- name: recount_batches
UPDATE batches
SET open_jobs = left_over.open_jobs, jobs = max(batches.jobs, left_over.jobs),
    completed_at = iif(left_over.open_jobs, NULL,
                       coalesce(batches.completed_at, left_over.completed_at, created_at))
FROM (
    SELECT b.id, count(*) FILTER (WHERE q.id IS NOT NULL AND q.completed_at IS NULL) AS open_jobs,
           count(q.id) AS jobs, max(q.completed_at) AS completed_at
    FROM batches AS b LEFT JOIN extraction_queue AS q ON q.batch_id = b.id GROUP BY b.id
) AS left_over
WHERE left_over.id = batches.id

-- name: delete_orphans
DELETE FROM extraction_queue WHERE attachment_id NOT IN (SELECT id FROM attachments)

-- name: delete_orphaned_places
DELETE FROM attachment_places
WHERE attachment_id NOT IN (SELECT id FROM attachments)
   OR path IN (SELECT path FROM attachments)

-- name: forget_lost_batches
UPDATE extraction_queue SET batch_id = NULL WHERE batch_id NOT IN (SELECT id FROM batches)

-- name: forget_lost_parents
UPDATE attachments SET parent_id = NULL WHERE parent_id NOT IN (SELECT id FROM attachments)

-- name: delete_lost_pages
-- Those of no document, of one without a text, and those that do not begin where its text says.
DELETE FROM pages WHERE (attachment_id, number, start) NOT IN (
    SELECT a.id, page.key + 1, page.value
    FROM attachments AS a, json_each(a.page_offsets) AS page WHERE a.text_status IS NOT NULL
)

-- name: wrong_pages
-- Documents whose pages are not those that stand beside the text, or are counted wrong there; not
-- those whose text is to be read again anyway.
SELECT count(*) FROM attachments AS a
WHERE (a.text_status IS NULL OR json_valid(a.page_offsets)) AND (
    (a.text_status IS NOT NULL AND a.page_count <> json_array_length(a.page_offsets))
    OR EXISTS (
        SELECT number, start FROM pages WHERE attachment_id = a.id
        EXCEPT
        SELECT page.key + 1, page.value
        FROM json_each(iif(a.text_status IS NULL, '[]', a.page_offsets)) AS page
    )
    OR EXISTS (
        SELECT page.key + 1, page.value
        FROM json_each(iif(a.text_status IS NULL, '[]', a.page_offsets)) AS page
        EXCEPT
        SELECT number, start FROM pages WHERE attachment_id = a.id
    )
)

-- name: recount_pages
UPDATE attachments SET page_count = json_array_length(page_offsets)
WHERE text_status IS NOT NULL AND json_valid(page_offsets)
  AND page_count <> json_array_length(page_offsets)

-- name: fill_pages
INSERT OR IGNORE INTO pages (attachment_id, number, start)
SELECT a.id, page.key + 1, page.value FROM attachments AS a, json_each(a.page_offsets) AS page
WHERE a.text_status IS NOT NULL

-- name: textless
-- Documents that count as extracted although their text is not there.
SELECT count(*) FROM attachments WHERE text_status IS NOT NULL AND extracted_text IS NULL

-- name: reopen_textless
UPDATE attachments SET text_status = NULL, page_offsets = NULL, extracted_at = NULL
WHERE text_status IS NOT NULL AND (extracted_text IS NULL OR NOT json_valid(page_offsets))

-- name: texts_as_bytes
-- And where their pages begin; nobody asks for those of a text that is not valid any more.
SELECT id, CAST(extracted_text AS BLOB), iif(text_status IS NULL, '[]', page_offsets)
FROM attachments WHERE extracted_text IS NOT NULL

-- name: earlier_texts_as_bytes
SELECT rowid, CAST(extracted_text AS BLOB), coalesce(page_offsets, '[]') FROM earlier_texts

-- name: drop_earlier_text
DELETE FROM earlier_texts WHERE rowid = :id

-- name: drop_text
UPDATE attachments SET extracted_text = NULL WHERE id = :id

-- name: textless_documents
-- Those whose text was there once.
SELECT count(*) FROM attachments AS a
WHERE a.text_status IS NULL AND 'complete' = (
    SELECT status FROM extraction_queue WHERE attachment_id = a.id AND task = 'text'
    ORDER BY id DESC LIMIT 1
)

-- name: highest_id_attachments
SELECT max(coalesce((SELECT max(id) FROM attachments), 0),
           coalesce((SELECT max(attachment_id) FROM extraction_metrics), 0))

-- name: highest_id_extraction_queue
SELECT max(coalesce((SELECT max(id) FROM extraction_queue), 0),
           coalesce((SELECT max(job_id) FROM extraction_metrics), 0))
