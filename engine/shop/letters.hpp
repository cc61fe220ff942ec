// Letters to people, as far as accounts need them: a link for a forgotten password. A request only enqueues
// the job `shop.reset_letter`; the job makes the token and hands the letter to the Outbox. So the request does
// the same work for every address, and the token is never stored.
//
// Real mail is another slice's; FolderOutbox is for a developer's machine.
#pragma once

#include "base/blocking.hpp"
#include "base/task.hpp"
#include "shop/scope.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace cartwright::jobs {
class Worker;
}

namespace cartwright::shop {

struct Letter {
    std::string to = {};
    std::string locale = {};
    std::string name = {};  // of the person; may be empty
    std::string link = {};
};

class Outbox {
public:
    Outbox() = default;
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;
    virtual ~Outbox() = default;

    // Throws when the letter couldn't be taken: the job is tried again.
    virtual Task<> send(Letter letter) = 0;
};

// Writes each letter into a file of its own, for a developer to read.
class FolderOutbox final : public Outbox {
public:
    FolderOutbox(BlockingPool& pool, const Clock& clock, std::filesystem::path folder);

    Task<> send(Letter letter) override;

private:
    BlockingPool& pool_;
    const Clock& clock_;
    std::filesystem::path folder_;
};

inline constexpr std::string_view reset_letter_job = "shop.reset_letter";

// Enqueues the job in the transaction. `email_key`: the normal form of an address, "" where none was typed.
Task<> promise_reset_letter(db::Tx& tx, const Services& services, std::string email_key);

// The job: a token, if somebody of the shop's staff has the address, and the letter. Repeated, it makes
// another token and sends another letter; the earlier link stays good for its hour.
Task<> send_reset_letter(Services& services, Outbox& outbox, ShopId shop, std::string email_key);

// Both outlive the worker.
void add_letter_jobs(jobs::Worker& worker, Services& services, Outbox& outbox);

}  // namespace cartwright::shop
