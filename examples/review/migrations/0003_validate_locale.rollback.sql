-- Nothing to undo: a rule that holds may hold.
-- data: kept

SELECT 1;
