#include "events/bell.hpp"

#include "base/unavailable.hpp"
#include "events/store.hpp"

#include <chrono>

namespace cartwright::events {

namespace {

constexpr std::chrono::milliseconds between_rings{5};  // a person doesn't notice; bursts become one NOTIFY
constexpr std::chrono::hours until_rung{1};

}  // namespace

Task<> Bell::run() {
    Timer gap(executor_);
    while (!stopped_) {
        if (!rung_) {
            co_await pause_.wait(until_rung);
            continue;
        }
        rung_ = false;
        auto work = [](db::PlatformTx& tx) -> Task<bool> { return tx.one(notify); };
        try {
            co_await database_.in_platform({.work = db::Work::page}, work);
        } catch (const Unavailable&) {
            // Readers poll.
        }
        gap.expires_after(between_rings);
        co_await gap.async_wait(use_task);
    }
}

void Bell::stop() {
    stopped_ = true;
    pause_.wake();
}

}  // namespace cartwright::events
