"""What the revisions create, what a database holds of it, and what others hold under the same names."""
