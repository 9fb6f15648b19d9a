-- name: add :one
-- A new customer.
INSERT INTO shop.customers (display_name)
VALUES (:name)
RETURNING id;

-- name: find :opt
-- What a customer is called.
SELECT c.display_name AS name
FROM shop.customers AS c
WHERE c.id = :id;

-- name: newest :many
-- The customers who came last.
SELECT
    c.id,
    c.display_name AS name
FROM shop.customers AS c
ORDER BY c.id DESC
LIMIT 10;

-- name: rename :execrows
-- A customer is called something else.
UPDATE shop.customers
SET display_name = :name
WHERE id = :id;

-- name: visit :execrows
-- A customer came by.
UPDATE shop.customers
SET visits = visits + 1
WHERE id = :id;
