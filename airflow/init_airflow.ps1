# Make Airflow ready; see init_airflow.py.
$python = if ($env:ML_ETL_AIRFLOW_PYTHON) { $env:ML_ETL_AIRFLOW_PYTHON } else { Join-Path $PSScriptRoot '.venv/Scripts/python.exe' }
& $python (Join-Path $PSScriptRoot 'init_airflow.py') @args; exit $LASTEXITCODE
