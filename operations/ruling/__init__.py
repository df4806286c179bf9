"""Pages of rules: one person writes them with drop-downs or as text and tries them on the past; another approves them."""
