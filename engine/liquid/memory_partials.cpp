#include "liquid/memory_partials.hpp"

namespace cartwright::liquid {

void MemoryPartials::add(std::string_view name, std::string_view source) {
    sources_.insert_or_assign(std::string(name), std::string(source));
    found_.clear();
}

std::expected<ProgramPointer, Error> MemoryPartials::find(std::string_view name) {
    if (const auto found = found_.find(name); found != found_.end()) {
        return found->second;
    }
    auto source = sources_.find(name);
    if (source == sources_.end()) {
        source = sources_.find(std::string(name) + ".liquid");
    }
    if (source == sources_.end()) {
        return std::unexpected(missing_partial(name));
    }
    Found parsed = parse(environment_, source->second, options_);
    if (!parsed && parsed.error().template_name.empty()) {
        parsed.error().template_name = name;
    }
    return found_.emplace(name, std::move(parsed)).first->second;
}

Error missing_partial(std::string_view name) {
    return {.kind = ErrorKind::file_system, .message = "Could not find asset " + std::string(name)};
}

}  // namespace cartwright::liquid
