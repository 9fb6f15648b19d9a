-- Event triggers.
SELECT
    e.oid,
    quote_ident(e.evtname) AS name,
    NULL::text AS parent,
    e.evtevent::text AS event,
    e.evtfoid::regproc::text AS function,
    e.evtenabled::text AS enabled,
    e.evttags AS tags
FROM pg_catalog.pg_event_trigger AS e
ORDER BY e.oid;
