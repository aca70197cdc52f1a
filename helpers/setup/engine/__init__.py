"""An engine: installed and started where there is none."""
