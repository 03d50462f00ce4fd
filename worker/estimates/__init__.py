"""The worker's own candidates: rules that are estimated so that they hold on rows to come."""
