-- Forgets the club.

DROP SCHEMA club CASCADE;
