-- name: create :one
-- A new report, waiting for a review.
-- returns: CodeReport
INSERT INTO slimy.code_reports AS c (code, reason, details, reporter_id)
VALUES (:code, :reason, :details, :reporter_id)
RETURNING
    c.id,
    c.code,
    c.reason,
    c.details,
    c.status,
    c.reporter_id,
    c.reviewer_id,
    c.reviewed_at,
    c.created_at,
    c.updated_at;

-- name: delete :execrows
-- Removes a report.
DELETE FROM slimy.code_reports
WHERE id = :id AND updated_at = coalesce(:version, updated_at);

-- name: get :opt
-- A report.
-- returns: CodeReport
-- replica: yes
SELECT
    c.id,
    c.code,
    c.reason,
    c.details,
    c.status,
    c.reporter_id,
    c.reviewer_id,
    c.reviewed_at,
    c.created_at,
    c.updated_at
FROM slimy.code_reports AS c
WHERE c.id = :id;

-- name: list_newest :many
-- One page of reports, newest or oldest first; the key is in order of creation.
-- returns: CodeReport
-- filter: c.status = :status
-- filter: c.code = :code
-- filter: c.reporter_id = :reporter_id
-- sort: newest: c.id DESC
-- sort: oldest: c.id
-- allow: filter: with two filters at most 5,800 reports of one code or person are passed over
-- replica: yes
SELECT
    c.id,
    c.code,
    c.reason,
    c.details,
    c.status,
    c.reporter_id,
    c.reviewer_id,
    c.reviewed_at,
    c.created_at,
    c.updated_at
FROM slimy.code_reports AS c
ORDER BY c.id DESC
LIMIT :row_limit;

-- name: load :copyfrom
-- Loads reports in bulk, as they are.
-- role: slimy_owner
INSERT INTO slimy.code_reports (
    id,
    code,
    reason,
    details,
    status,
    reporter_id,
    reviewer_id,
    reviewed_at,
    created_at,
    updated_at
)
VALUES (
    :id,
    :code,
    :reason,
    :details,
    :status,
    :reporter_id,
    :reviewer_id,
    :reviewed_at,
    :created_at,
    :updated_at
);

-- name: review :opt
-- Settles a report that still waits. No row when there is none, or when somebody was faster:
-- whoever comes second waits for the first and then finds nothing pending.
-- returns: CodeReport
UPDATE slimy.code_reports AS c
SET
    status = :status,
    reviewer_id = :reviewer_id,
    reviewed_at = now()
WHERE c.id = :id AND c.status = 'pending' AND c.updated_at = coalesce(:version, c.updated_at)
RETURNING
    c.id,
    c.code,
    c.reason,
    c.details,
    c.status,
    c.reporter_id,
    c.reviewer_id,
    c.reviewed_at,
    c.created_at,
    c.updated_at;
