-- Forgets every report about a code.

DROP TABLE slimy.code_reports;
DROP FUNCTION slimy.keep_code_report_review();
