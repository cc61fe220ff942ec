// A shop's own domains, beside the <slug>.<platform host> that every shop has.
//
// A domain is first claimed and then proven: the claim's token has to stand in a TXT record at
// _cartwright.<host>. A claim hinders nobody, several shops may have one on the same host; the first proof
// wins. When a shop gives a domain up, every claim made before is void for good, so nobody can pick up a
// domain with a record that was set long ago (OWASP's subdomain takeover cheat sheet).
#pragma once

#include "base/outcome.hpp"
#include "base/task.hpp"
#include "shop/scope.hpp"
#include "shop/shop_store.hpp"

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::shop {

// A claim is good for this long, and a release is remembered for longer than any claim lives.
inline constexpr std::chrono::days domain_claim_life{14};
inline constexpr std::chrono::days domain_release_memory{30};

inline constexpr Reason bad_host{"shop.bad_host", Kind::invalid};
// The platform's own name or one below it.
inline constexpr Reason host_of_platform{"shop.host_of_platform", Kind::conflict};
inline constexpr Reason domain_claimed{"shop.domain_claimed", Kind::conflict};
inline constexpr Reason no_such_domain{"shop.no_such_domain", Kind::not_found};
// The TXT record isn't there, says something else, or another shop holds the host. Values "name" and
// "record" say what is expected.
inline constexpr Reason domain_not_proven{"shop.domain_not_proven", Kind::conflict};
// Only a proven domain can be the primary one.
inline constexpr Reason domain_not_verified{"shop.domain_not_verified", Kind::conflict};
// Value "limit".
inline constexpr Reason too_many_domains{"shop.too_many_domains", Kind::conflict};

// Where the TXT record is looked up, and what it has to say.
std::string proof_name(std::string_view host);
std::string proof_record(std::string_view token);

// All but listing need domains_write; listing needs settings_read.
Task<Outcome<std::vector<Domain>>> list_domains(Scope& scope);
Task<Outcome<Domain>> claim_domain(Scope& scope, std::string host);
// `records`: the texts of the TXT records at proof_name, as somebody outside the transaction has looked them
// up just now.
Task<Outcome<Domain>> prove_domain(Scope& scope, std::string host, std::vector<std::string> records);
// The host that the shop's other names lead to. "" makes it the platform's name again.
Task<Outcome<>> make_primary(Scope& scope, std::string host);
Task<Outcome<>> remove_domain(Scope& scope, std::string host);

}  // namespace cartwright::shop
