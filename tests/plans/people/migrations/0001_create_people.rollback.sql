-- Forgets people and posts.

DROP TABLE public.posts;
DROP TABLE public.people;
