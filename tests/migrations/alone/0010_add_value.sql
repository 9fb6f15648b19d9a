-- Add value.
-- transactional: false
-- phase: expand

ALTER TYPE shop.colour ADD VALUE 'blue' AFTER 'red';
