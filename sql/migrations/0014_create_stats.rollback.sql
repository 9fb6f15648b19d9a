-- Forgets every statistic and every total.
--
-- data: lost, every statistic and total

DROP TABLE slimy.guild_stat_totals;
DROP TABLE slimy.stat_totals;
DROP TABLE slimy.stat_deltas;
DROP TABLE slimy.stats;
DROP FUNCTION slimy.keep_stats();
DROP FUNCTION slimy.count_stats();
