"""Write rows as content-named Parquet files and commit them to the Delta log."""
