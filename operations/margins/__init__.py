"""The page of margins: what products, grades, shops and months earn and cost."""
