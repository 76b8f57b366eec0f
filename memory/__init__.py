"""What is known. The only folder with SQL; SQLite is the truth, the vector index can always be rebuilt from it."""
