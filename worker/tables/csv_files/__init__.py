"""CSV as spreadsheets and pandas write it, turned into parquet that Spark reads as it is."""
