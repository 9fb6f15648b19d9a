-- Forgets everything that was said.
--
-- data: lost, every message

DROP TABLE slimy.chat_messages;
