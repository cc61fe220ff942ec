// What a command needs to call the shop's operations: a database, passwords, ids, texts, on an io_context that
// runs only while the command waits for one of them.
#pragma once

#include "app/home.hpp"
#include "app/run.hpp"
#include "app/texts.hpp"
#include "base/blocking.hpp"
#include "base/messages.hpp"
#include "db/database.hpp"
#include "shop/passwords.hpp"
#include "shop/scope.hpp"

#include <boost/asio/io_context.hpp>

#include <string>

namespace cartwright::app {

// How shops of this installation are reached.
shop::Address address_of(const Settings& settings);

// What a new password's hash costs here.
PasswordCost password_cost(const Settings& settings);

class Desk {
public:
    explicit Desk(const Home& home)
        : blocking_(1, 4),
          passwords_(blocking_, rng_, password_cost(home.settings())),
          ids_(clock_, command_node),
          database_(io_, home.database_options(), rng_),
          services_{.database = database_,
                    .clock = clock_,
                    .ids = ids_,
                    .rng = rng_,
                    .passwords = passwords_,
                    .address = address_of(home.settings())},
          catalogues_(Catalogues::parse(embedded_catalogues())) {}

    shop::Services& services() noexcept { return services_; }

    template <class T>
    T run(Task<T> task) {
        return run_to_end(io_, std::move(task));
    }

    // The sentence of a refusal, in English: commands are the operator's.
    std::string sentence(const Refusal& refusal) const {
        return Messages(catalogues_).text(Catalogues::fallback, refusal.code(), refusal.values());
    }

private:
    boost::asio::io_context io_{1};
    SystemClock clock_;
    SystemRng rng_;
    BlockingPool blocking_;
    shop::Passwords passwords_;
    IdSource ids_;
    db::Database database_;
    shop::Services services_;
    Catalogues catalogues_;
};

}  // namespace cartwright::app
