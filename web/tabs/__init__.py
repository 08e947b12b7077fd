"""The pages of a connector's reports: what they show, made from a tab's report and the address alone."""
