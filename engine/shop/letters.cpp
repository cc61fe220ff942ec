#include "shop/letters.hpp"

#include "base/crypto.hpp"
#include "jobs/jobs.hpp"
#include "jobs/worker.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"
#include "shop/accounts.hpp"

#include <fmt/format.h>

#include <fstream>
#include <stdexcept>

namespace cartwright::shop {

namespace {

constexpr std::size_t email_key_max_bytes = 320;

}  // namespace

FolderOutbox::FolderOutbox(BlockingPool& pool, const Clock& clock, std::filesystem::path folder)
    : pool_(pool), clock_(clock), folder_(std::move(folder)) {}

Task<> FolderOutbox::send(Letter letter) {
    co_await run(pool_, [now = clock_.now(), folder = folder_, letter = std::move(letter)] {
        std::filesystem::create_directories(folder);
        const auto written = now.time_since_epoch().count();
        const std::string about = to_hex(sha256(letter.link)).substr(0, 8);
        std::ofstream file(folder / fmt::format("{}-{}.txt", written, about), std::ios::binary);
        file << "To: " << letter.to << "\n\n" << letter.link << "\n";
        if (!file.flush()) {
            throw std::runtime_error("a letter couldn't be written to " + folder.string());
        }
    });
}

Task<> promise_reset_letter(db::Tx& tx, const Services& services, std::string email_key) {
    json::Writer payload;
    payload.begin_object().member("email_key", email_key).end_object();
    jobs::Job job;
    job.kind = reset_letter_job;
    job.payload.text = payload.take();
    co_await jobs::enqueue(tx, services.clock, services.ids, std::move(job));
}

Task<> send_reset_letter(Services& services, Outbox& outbox, ShopId shop, std::string email_key) {
    auto letter = co_await send_reset(services, shop, std::move(email_key));
    if (letter) {
        co_await outbox.send({letter->to, letter->locale, letter->name, letter->link});
    }
}

void add_letter_jobs(jobs::Worker& worker, Services& services, Outbox& outbox) {
    auto send = [&services, &outbox](jobs::Attempt& job) -> Task<Outcome<>> {
        auto payload = json::Document::parse(job.payload().text);
        if (!payload) co_return refuse(payload.error());
        std::string email_key = payload->object().text("email_key", email_key_max_bytes);
        if (auto good = payload->check(); !good) co_return good;
        co_await send_reset_letter(services, outbox, job.shop(), std::move(email_key));
        co_return Outcome<>();
    };
    worker.handle(std::string(reset_letter_job), std::move(send));
}

}  // namespace cartwright::shop
