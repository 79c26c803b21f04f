"""The SQLite file: connections, the write lock, the schema and its migration, backups."""
