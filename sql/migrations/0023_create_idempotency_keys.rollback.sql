-- Forgets the answers of the last day: requests repeated with their keys are done again.

DROP TABLE slimy.idempotency_keys;
