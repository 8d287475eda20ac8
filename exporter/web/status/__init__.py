"""The status page for people, and the same facts for machines."""
