// What strangers send to be looked up or stored: API tokens, slugs, addresses of clients, names, passwords.
#include "shop/names.hpp"
#include "shop/passwords.hpp"
#include "shop/shops.hpp"
#include "shop/throttle.hpp"
#include "shop/tokens.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace cartwright;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto token = shop::parse_token(text)) {
        // One spelling: what was parsed spells the same token again.
        const std::string again =
            "cw_" + std::to_string(token->shop.value()) + "_" + std::string(token->secret);
        if (again != text) std::abort();
    }
    if (const auto slug = shop::Slug::parse(text); slug && slug->text() != text) std::abort();
    const std::string address = shop::throttled_address(text);
    if (address.size() > size + 64) std::abort();
    constexpr Reason reason{"fuzz.bad", Kind::invalid};
    if (const auto name = shop::clean_name(text, 200, reason)) {
        if (shop::clean_name(*name, 200, reason) != *name) std::abort();
    }
    (void)shop::check_password(text, text.substr(0, size / 2));
    return 0;
}
