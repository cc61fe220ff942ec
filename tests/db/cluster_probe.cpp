// A server that is nothing but its cluster: starts it, prints `ready POSTMASTER URL`, and stops it when
// standard input ends. With the name of a user as third argument it first becomes that user. The tests kill it.
#include "base/process.hpp"
#include "db/cluster.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <optional>
#include <string>

#include <grp.h>
#include <unistd.h>

int main(int count, char** arguments) {
    if (count < 2) return 2;
    if (count > 2) {
        const auto user = cartwright::find_user(std::string(arguments[2]));
        if (!user || ::setgroups(0, nullptr) != 0 || ::setgid(user->gid) != 0 || ::setuid(user->uid) != 0) return 2;
    }
    try {
        cartwright::db::Cluster cluster({
            .folder = arguments[1],
            .progress = [](std::string_view line) { fmt::print(stderr, "{}\n", line); },
        });
        fmt::print("ready {} {}\n", cluster.pid(), cluster.owner_url());
        std::fflush(stdout);
        char byte = 0;
        while (::read(0, &byte, 1) > 0) {
        }
    } catch (const cartwright::db::ClusterError& refused) {
        fmt::print("refused {}\n", refused.what());
        return 1;
    }
    return 0;
}
