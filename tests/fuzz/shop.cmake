cartwright_fuzz(shop_words SOURCES shop_words_fuzz.cpp USES shop)
