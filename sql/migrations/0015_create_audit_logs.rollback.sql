-- Forgets everything that was logged.
--
-- data: lost, every audit log and total

DROP TABLE slimy.audit_log_totals;
DROP TABLE slimy.audit_log_deltas;
DROP TABLE slimy.audit_logs;
DROP FUNCTION slimy.keep_audit_logs();
DROP FUNCTION slimy.count_audit_logs();
