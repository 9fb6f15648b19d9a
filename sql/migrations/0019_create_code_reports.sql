-- Reports that a gift code does not do what it says. A reviewer verifies or rejects each one, once.
--
-- depends: 0002_create_users
-- phase: expand

CREATE TABLE slimy.code_reports (
    id uuid NOT NULL DEFAULT slimy.uuid_v7(),
    code text NOT NULL,
    reason text NOT NULL,
    details text,
    status text NOT NULL DEFAULT 'pending',
    reporter_id uuid,
    reviewer_id uuid,
    reviewed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT code_reports_pkey PRIMARY KEY (id),
    -- SET NULL, twice: what was found out about a code outlives the people who found it.
    CONSTRAINT code_reports_reporter_id_fkey FOREIGN KEY (reporter_id)
    REFERENCES slimy.users (id) ON DELETE SET NULL,
    CONSTRAINT code_reports_reviewer_id_fkey FOREIGN KEY (reviewer_id)
    REFERENCES slimy.users (id) ON DELETE SET NULL,
    CONSTRAINT code_reports_code_shape_check CHECK (
        char_length(code) BETWEEN 1 AND 100 AND code !~ '[[:space:][:cntrl:]]'
    ),
    CONSTRAINT code_reports_reason_known_check CHECK (
        reason IN ('expired', 'invalid', 'duplicate', 'other')
    ),
    CONSTRAINT code_reports_details_length_check CHECK (char_length(details) BETWEEN 1 AND 2000),
    CONSTRAINT code_reports_status_known_check CHECK (
        status IN ('pending', 'verified', 'rejected')
    ),
    -- Whoever reviewed may be erased later; that it was reviewed, and when, stays.
    CONSTRAINT code_reports_reviewed_at_present_check CHECK (
        (status = 'pending') = (reviewed_at IS NULL)
    ),
    CONSTRAINT code_reports_reviewer_id_reviewed_check CHECK (
        status != 'pending' OR reviewer_id IS NULL
    ),
    CONSTRAINT code_reports_reviewed_at_order_check CHECK (reviewed_at >= created_at),
    -- These keep out infinity, which clients cannot read.
    CONSTRAINT code_reports_reviewed_at_range_check CHECK (reviewed_at < '2100-01-01 00:00:00+00'),
    CONSTRAINT code_reports_created_at_range_check CHECK (
        created_at >= '2015-01-01 00:00:00+00' AND created_at < '2100-01-01 00:00:00+00'
    )
);

-- The queue of one status, newest or oldest first.
CREATE INDEX code_reports_status_idx ON slimy.code_reports (status, id DESC);

-- What is known about one code.
CREATE INDEX code_reports_code_idx ON slimy.code_reports (code, id DESC);

-- What one user has reported; also where erasing that user looks.
CREATE INDEX code_reports_reporter_id_idx ON slimy.code_reports (reporter_id, id DESC)
WHERE reporter_id IS NOT NULL;

-- Where erasing a reviewer looks, a batch at a time; the many unreviewed reports need no entry.
CREATE INDEX code_reports_reviewer_id_idx ON slimy.code_reports (reviewer_id, id DESC)
WHERE reviewer_id IS NOT NULL;

CREATE TRIGGER code_reports_set_updated_at
BEFORE UPDATE ON slimy.code_reports
FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*)
EXECUTE FUNCTION slimy.set_updated_at();

-- A CHECK sees one version of a row; only a trigger sees two. An INSERT is not looked at: imports
-- bring reports that were reviewed elsewhere.
CREATE FUNCTION slimy.keep_code_report_review() RETURNS trigger
LANGUAGE plpgsql
AS $body$
BEGIN
    RAISE EXCEPTION 'code report % was % already', OLD.id, OLD.status
    USING
        ERRCODE = 'check_violation',
        SCHEMA = TG_TABLE_SCHEMA,
        TABLE = TG_TABLE_NAME,
        CONSTRAINT = 'code_reports_status_final_check',
        HINT = 'A review is final: make a new report.';
END
$body$;

COMMENT ON FUNCTION slimy.keep_code_report_review() IS
'Refuses to change what a review has settled.';

-- Reporter and reviewer may only become nobody, which is what erasing the user does.
CREATE TRIGGER code_reports_keep_review
BEFORE UPDATE ON slimy.code_reports
FOR EACH ROW WHEN (
    old.status != 'pending'
    AND (
        new.status IS DISTINCT FROM old.status
        OR new.reviewed_at IS DISTINCT FROM old.reviewed_at
        OR new.code IS DISTINCT FROM old.code
        OR new.reason IS DISTINCT FROM old.reason
        OR new.details IS DISTINCT FROM old.details
        OR new.created_at IS DISTINCT FROM old.created_at
        OR (new.reporter_id IS DISTINCT FROM old.reporter_id AND new.reporter_id IS NOT NULL)
        OR (new.reviewer_id IS DISTINCT FROM old.reviewer_id AND new.reviewer_id IS NOT NULL)
    )
)
EXECUTE FUNCTION slimy.keep_code_report_review();

COMMENT ON TABLE slimy.code_reports IS
'One row per report about a gift code: pending, then verified or rejected for good.';
COMMENT ON COLUMN slimy.code_reports.id IS
'Version 7, so newest first is this key backwards: no index on created_at is kept beside it.';
COMMENT ON COLUMN slimy.code_reports.code IS
'The gift code as it was written; games tell upper from lower case, so it is kept.';
COMMENT ON COLUMN slimy.code_reports.details IS 'The reporter''s words; NULL for none.';
COMMENT ON COLUMN slimy.code_reports.status IS
'verified: the reporter is right, the code does not work.';
COMMENT ON COLUMN slimy.code_reports.reporter_id IS
'NULL for a report from outside, or by a user who was erased.';
COMMENT ON COLUMN slimy.code_reports.reviewer_id IS
'NULL while pending, and when the reviewer was erased.';
COMMENT ON COLUMN slimy.code_reports.reviewed_at IS 'NULL while pending.';
COMMENT ON INDEX slimy.code_reports_pkey IS 'serves code_reports.get, code_reports.list_newest';
COMMENT ON INDEX slimy.code_reports_status_idx IS
'serves code_reports.list_newest';
COMMENT ON INDEX slimy.code_reports_code_idx IS 'serves code_reports.list_newest';
COMMENT ON INDEX slimy.code_reports_reporter_id_idx IS
'serves code_reports.list_newest, users.forget_reports, users.delete';
COMMENT ON INDEX slimy.code_reports_reviewer_id_idx IS 'serves users.forget_reviews, users.delete';
COMMENT ON TRIGGER code_reports_set_updated_at ON slimy.code_reports IS
'Dates real changes only.';
COMMENT ON TRIGGER code_reports_keep_review ON slimy.code_reports IS
'pending becomes verified or rejected, and nothing comes after that.';
