// The header fields that every answer carries unless its route says otherwise, in one place. A route that
// needs another value sets the field and declares why in Route::loosens; without that word its value is
// overwritten.
#pragma once

#include "http/message.hpp"

#include <span>
#include <string_view>

namespace cartwright::http {

// Name and value of each default; the strict policies of reliability.md's ASVS list.
std::span<const Field> security_defaults() noexcept;

// Sets the defaults, HSTS where the request came by https, and "Cache-Control: no-store" on what hasn't
// said that it may be kept. An answer that sets a cookie is never kept by a shared cache.
// `loosened`: the answer's own values for the defaults' fields stand.
void add_security(Response& response, bool secure, bool loosened);

}  // namespace cartwright::http
