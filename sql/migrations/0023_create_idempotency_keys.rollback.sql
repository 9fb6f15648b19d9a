-- Forgets the answers of the last day: requests repeated with their keys are done again.
--
-- data: lost, the answers of the last day

DROP TABLE slimy.idempotency_keys;
