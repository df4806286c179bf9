"""Services of the laboratory: `preparing` is what people do with trainings, `working` what workers do."""
