-- Forgets everything that was said.

DROP TABLE slimy.chat_messages;
