"""What happens without anybody asking: the queue's tasks and the schedule. A door like `api` and `ui`."""
