-- Withdraws every API key for good.
--
-- data: lost, every API key

DROP TABLE slimy.api_keys;
