"""The laboratory: trainings that an operator prepares with a table, asks for, and watches."""
