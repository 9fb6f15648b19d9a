-- Signs everybody out for good.

DROP TABLE slimy.sessions;
