"""The SQLite file: opening, writing, the schema, copies of it, and room for what is to come."""
