-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

CREATE TABLE public.drafts (id bigint NOT NULL);

COMMENT ON TABLE public.drafts IS 'What is not finished.';
