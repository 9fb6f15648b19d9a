-- Rerun.
-- transactional: false
-- phase: expand
-- resume: rerun

ALTER SYSTEM SET log_min_messages = 'warning';
