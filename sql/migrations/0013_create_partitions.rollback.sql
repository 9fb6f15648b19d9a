-- Takes the function away. The role stays: it belongs to the cluster, and others may use it.
--
-- data: kept

DROP FUNCTION slimy.make_partitions(regclass, date, integer);
REVOKE USAGE ON SCHEMA slimy FROM slimy_retention;
