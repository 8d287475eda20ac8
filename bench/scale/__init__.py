"""A thousand partners on one core, some of them hanging, one with 100,000 customers: what the daemon does with them."""
