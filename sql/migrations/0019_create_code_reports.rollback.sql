-- Forgets every report about a code.
--
-- data: lost, every report

DROP TABLE slimy.code_reports;
DROP FUNCTION slimy.keep_code_report_review();
