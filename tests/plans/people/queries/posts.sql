-- name: get :opt
-- A post by key.
SELECT p.score
FROM public.posts AS p
WHERE p.id = :id;

-- name: list_best :many
-- The best posts of a person's last thousand.
-- allow: sort: a thousand at most, in memory
WITH latest AS MATERIALIZED (
    SELECT
        p.id,
        p.score
    FROM public.posts AS p
    WHERE p.person_id = :person_id
    ORDER BY p.id DESC
    LIMIT 1000
)

SELECT
    l.id,
    l.score
FROM latest AS l
ORDER BY l.score DESC, l.id DESC
LIMIT :row_limit;

-- name: list_ids :many
-- The ids of a person's posts.
-- page: 5000
SELECT p.id
FROM public.posts AS p
WHERE p.person_id = :person_id;

-- name: list_of_person :many
-- One page of a person's posts, newest first.
-- sort: newest: p.id DESC
SELECT
    p.id,
    p.score
FROM public.posts AS p
WHERE p.person_id = :person_id
ORDER BY p.id DESC
LIMIT :row_limit;
