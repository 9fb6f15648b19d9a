-- Forgets every conversation.
--
-- data: lost, every conversation

DROP TABLE slimy.conversations;
