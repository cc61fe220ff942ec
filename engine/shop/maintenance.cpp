#include "shop/maintenance.hpp"

#include "shop/account_store.hpp"
#include "shop/domains.hpp"
#include "shop/shop_store.hpp"
#include "shop/throttle.hpp"

namespace cartwright::shop {

Task<Forgotten> forget_expired(Services& services) {
    const Instant now = services.clock.now();
    auto forget = [now](db::PlatformTx& tx) -> Task<Forgotten> {
        Forgotten forgotten;
        forgotten.sessions = co_await store::forget_sessions(tx, now);
        forgotten.resets = co_await store::forget_resets(tx, now);
        forgotten.attempts = co_await forget_old_attempts(tx, now);
        forgotten.domains = co_await store::forget_released_domains(tx, now - domain_release_memory);
        co_return forgotten;
    };
    constexpr db::TxOptions options{.work = db::Work::background, .read_only = false, .repeatable = true};
    co_return co_await services.database.in_platform(options, forget);
}

}  // namespace cartwright::shop
