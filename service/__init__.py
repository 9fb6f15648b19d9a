"""The HTTP service: converts between JSON and the domain, and decides nothing the domain decides."""
