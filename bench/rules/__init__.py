"""What the alert rules cost a Prometheus: processor a second and recorded series, by number of partners."""
