// Ends a fuzz run where a property doesn't hold; libFuzzer keeps the input.
#pragma once

#include <cstdlib>

inline void demand(bool holds) {
    if (!holds) std::abort();
}
