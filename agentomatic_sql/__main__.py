"""Run the command `agentomatic-sql` as `python -m agentomatic_sql`, for a shell that does not find it on its PATH."""

from .cli import main

main()
