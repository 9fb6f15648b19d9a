-- Withdraws every API key for good.

DROP TABLE slimy.api_keys;
