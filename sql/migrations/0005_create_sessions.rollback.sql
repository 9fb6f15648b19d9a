-- Signs everybody out for good.
--
-- data: lost, every session

DROP TABLE slimy.sessions;
