"""The statements of each table family, one file each; none of them opens a connection."""
