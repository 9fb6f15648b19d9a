-- Forgets every screenshot analysis with what was read out of it.
--
-- data: lost, every screenshot analysis

DROP TABLE slimy.screenshot_recommendations;
DROP TABLE slimy.screenshot_insights;
DROP TABLE slimy.screenshot_tags;
DROP TABLE slimy.screenshot_data;
DROP TABLE slimy.screenshot_analyses;
