#include "shop/letters.hpp"

#include "base/crypto.hpp"
#include "shop/accounts.hpp"

#include <fmt/format.h>

#include <fstream>
#include <stdexcept>

namespace cartwright::shop {

FolderOutbox::FolderOutbox(BlockingPool& pool, const Clock& clock, std::filesystem::path folder)
    : pool_(pool), clock_(clock), folder_(std::move(folder)) {}

Task<> FolderOutbox::send(Letter letter) {
    co_await run(pool_, [now = clock_.now(), folder = folder_, letter = std::move(letter)] {
        std::filesystem::create_directories(folder);
        const auto written = now.time_since_epoch().count();
        const std::string about = to_hex(sha256(letter.link)).substr(0, 8);
        std::ofstream file(folder / fmt::format("{}-{}.txt", written, about), std::ios::binary);
        file << "To: " << letter.to << "\n\n" << letter.link << "\n";
        if (!file.flush()) { throw std::runtime_error("a letter couldn't be written to " + folder.string()); }
    });
}

Task<> promise_reset_letter(db::Tx&, const Services&, std::string) { co_return; }

Task<> send_reset_letter(Services& services, Outbox& outbox, ShopId shop, std::string email_key) {
    auto letter = co_await send_reset(services, shop, std::move(email_key));
    if (letter) { co_await outbox.send({letter->to, letter->locale, letter->name, letter->link}); }
}

}  // namespace cartwright::shop
