"""How well each carrier brings its parcels: counts, comparisons, the parcels behind them. Reads and never writes."""
