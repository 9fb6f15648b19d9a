-- Forgets every observation of club members.
--
-- data: lost, every observation of club members

DROP TABLE slimy.club_member_latest;
DROP TABLE slimy.club_member_metrics;
DROP FUNCTION slimy.recall_club_members();
DROP FUNCTION slimy.follow_club_members();
DROP FUNCTION slimy.take_turns_with_clubs(bigint[]);
