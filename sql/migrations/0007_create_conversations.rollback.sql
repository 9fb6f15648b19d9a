-- Forgets every conversation.

DROP TABLE slimy.conversations;
