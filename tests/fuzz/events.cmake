cartwright_fuzz(event_redact SOURCES event_redact_fuzz.cpp USES events)
cartwright_fuzz(cron SOURCES cron_fuzz.cpp USES jobs)
cartwright_fuzz(s3_listing SOURCES s3_listing_fuzz.cpp USES files)
