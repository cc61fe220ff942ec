cartwright_fuzz(db_codec SOURCES db_codec_fuzz.cpp USES db)
cartwright_fuzz(migration SOURCES migration_fuzz.cpp USES db)
