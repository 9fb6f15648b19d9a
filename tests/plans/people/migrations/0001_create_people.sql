-- People and what they post.
--
-- phase: expand

CREATE TABLE public.people (
    id bigint NOT NULL,
    email text NOT NULL,
    CONSTRAINT people_pkey PRIMARY KEY (id),
    CONSTRAINT people_email_key UNIQUE (email)
);

CREATE TABLE public.posts (
    id bigint NOT NULL,
    person_id bigint NOT NULL,
    score int NOT NULL,
    CONSTRAINT posts_pkey PRIMARY KEY (id),
    CONSTRAINT posts_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people (id)
);

CREATE INDEX posts_of_person_idx ON public.posts (person_id, id DESC);

COMMENT ON INDEX public.people_pkey IS 'serves people.get';
COMMENT ON INDEX public.people_email_key IS 'serves people.find_by_email';
COMMENT ON INDEX public.posts_pkey IS 'serves posts.get';
COMMENT ON INDEX public.posts_of_person_idx IS 'serves posts.list_of_person';
