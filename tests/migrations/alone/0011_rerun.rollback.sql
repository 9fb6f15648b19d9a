-- transactional: false
-- resume: rerun

ALTER SYSTEM RESET log_min_messages;
