// CHECK states what must hold whatever anyone sends: when it doesn't, the program is wrong, not the person.
// It throws, so a broken request ends alone; the face answers 500 and the log names the line.
#pragma once

#include <stdexcept>
#include <string>

namespace cartwright {

class BrokenInvariant : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

[[noreturn]] inline void broken_invariant(const char* condition, const char* file, int line) {
    throw BrokenInvariant(std::string(file) + ':' + std::to_string(line) + ": " + condition +
                          " does not hold");
}

}  // namespace cartwright

#define CHECK(condition)                                                         \
    do {                                                                         \
        if (!(condition)) [[unlikely]] {                                         \
            ::cartwright::broken_invariant(#condition, __FILE_NAME__, __LINE__); \
        }                                                                        \
    } while (false)
