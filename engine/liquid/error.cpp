#include "liquid/error.hpp"

namespace cartwright::liquid {

std::string Error::text() const {
    std::string out = kind == ErrorKind::syntax ? "Liquid syntax error" : "Liquid error";
    if (line != 0) {
        out += " (";
        if (!template_name.empty()) {
            out += template_name;
            out += ' ';
        }
        out += "line ";
        out += std::to_string(line);
        out += ')';
    }
    out += ": ";
    out += message;
    if (!markup_context.empty()) {
        out += ' ';
        out += markup_context;
    }
    return out;
}

}  // namespace cartwright::liquid
