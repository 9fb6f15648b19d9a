-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

CREATE TABLE club.drafts (id bigint NOT NULL, visits bigint NOT NULL);

CREATE TRIGGER drafts_note_change
BEFORE UPDATE ON club.drafts
FOR EACH ROW
EXECUTE FUNCTION club.note_change();

COMMENT ON TABLE club.drafts IS 'What is not finished.';
COMMENT ON TRIGGER drafts_note_change ON club.drafts IS 'Counts.';
