cartwright_fuzz(guard SOURCES guard_fuzz.cpp USES http)
cartwright_fuzz(chunked SOURCES chunked_fuzz.cpp USES http)
cartwright_fuzz(session SOURCES session_fuzz.cpp USES http)
