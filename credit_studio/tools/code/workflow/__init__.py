"""From a brief to a plan: what is asked, who works on what and when, what may go wrong, and the plan in words."""
