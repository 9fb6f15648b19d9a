"""Generated from the routes of the service by `slimy client`; do not edit."""
