-- name: find_by_email :opt
-- The person of a mailbox.
SELECT p.id
FROM public.people AS p
WHERE p.email = :email;

-- name: get :opt
-- A person by key.
SELECT p.email
FROM public.people AS p
WHERE p.id = :id;
