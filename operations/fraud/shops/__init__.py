"""The risk of shops: whose orders go bad, against the average of all."""
