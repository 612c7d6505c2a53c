from agentomatic_sql.migrations import run_env

run_env()
