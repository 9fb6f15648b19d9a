-- Forgets every club analysis with its images and metrics.
--
-- data: lost, every club analysis

DROP FUNCTION slimy.replace_club_metrics(uuid, jsonb);
DROP TABLE slimy.club_metrics;
DROP TABLE slimy.club_analysis_images;
DROP TABLE slimy.club_analyses;
DROP FUNCTION slimy.words_query_within(text, text);
DROP FUNCTION slimy.words_within(text, text);
