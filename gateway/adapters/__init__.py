"""What fills the ports: the only modules that know the HTTP client, Redis, SQLite and Prometheus."""
