-- Forgets every comparison of screenshots.
--
-- data: lost, every comparison

DROP FUNCTION slimy.screenshot_differences(uuid, uuid);
DROP FUNCTION slimy.shortened(jsonb);
DROP TABLE slimy.screenshot_comparisons;
