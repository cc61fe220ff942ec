#include "liquid/environment.hpp"

namespace cartwright::liquid {

Environment Environment::standard() {
    Environment environment;
    for (const auto& family : {text_filters(),
                               slice_filters(),
                               html_filters(),
                               url_filters(),
                               math_filters(),
                               date_filters(),
                               array_filters(),
                               where_filters()}) {
        for (const Filter& filter : family) {
            environment.add(filter);
        }
    }
    for (const auto& family : {condition_tags(),
                               for_tags(),
                               tablerow_tags(),
                               cycle_tags(),
                               variable_tags(),
                               text_tags(),
                               partial_tags()}) {
        for (const Tag& tag : family) {
            environment.add(tag);
        }
    }
    return environment;
}

void Environment::add(const Filter& filter) {
    filters_.push_back(filter);
    filter_of_.set(Name(filter.name), &filters_.back());
}

void Environment::add(const Tag& tag) {
    tags_.push_back(tag);
    tag_of_.set(Name(tag.name), &tags_.back());
}

const Filter* Environment::filter(const Name& name) const noexcept {
    const auto* found = filter_of_.find(name);
    return found == nullptr ? nullptr : *found;
}

const Tag* Environment::tag(const Name& name) const noexcept {
    const auto* found = tag_of_.find(name);
    return found == nullptr ? nullptr : *found;
}

}  // namespace cartwright::liquid
