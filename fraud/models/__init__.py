"""What is kept of fraud: sightings of values, and assessments."""
