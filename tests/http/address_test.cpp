#include "http/address.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace cartwright::http {
namespace {

Networks networks(std::vector<std::string> cidrs) {
    return Networks(cidrs);
}

bool contains(const Networks& networks, const char* address) {
    return networks.contain(Address::parse(address).value());
}

TEST(Address, ReadsAndWrites) {
    EXPECT_EQ(Address::parse("10.1.2.3").value().text(), "10.1.2.3");
    EXPECT_EQ(Address::parse("::ffff:10.1.2.3").value(), Address::parse("10.1.2.3").value());
    EXPECT_EQ(Address::parse("2001:DB8:0::1").value().text(), "2001:db8::1");
    for (const char* bad : {"",
                            "10.1.2",
                            "10.1.2.3.4",
                            "10.1.2.256",
                            "010.1.2.3",
                            " 10.1.2.3",
                            "10.1.2.3:80",
                            "[::1]",
                            "::g",
                            "unknown",
                            "_hidden",
                            "fe80::1%eth0",
                            "1:2:3:4:5:6:7:8:9",
                            "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"}) {
        EXPECT_FALSE(Address::parse(bad).has_value()) << bad;
    }
}

TEST(Address, CountsIpv6ClientsByTheirNetwork) {
    EXPECT_EQ(client_key(Address::parse("2001:db8:1:2::1").value()),
              client_key(Address::parse("2001:db8:1:2:ffff::9").value()));
    EXPECT_NE(client_key(Address::parse("2001:db8:1:2::1").value()),
              client_key(Address::parse("2001:db8:1:3::1").value()));
    EXPECT_NE(client_key(Address::parse("10.0.0.1").value()), client_key(Address::parse("10.0.0.2").value()));
}

TEST(Networks, Contain) {
    const Networks some = networks({"10.0.0.0/8", "192.168.1.4", "fd00::/8", "192.0.2.128/25"});
    EXPECT_TRUE(contains(some, "10.255.0.1"));
    EXPECT_FALSE(contains(some, "11.0.0.1"));
    EXPECT_TRUE(contains(some, "192.168.1.4"));
    EXPECT_FALSE(contains(some, "192.168.1.5"));
    EXPECT_TRUE(contains(some, "192.0.2.128"));
    EXPECT_FALSE(contains(some, "192.0.2.127"));
    EXPECT_TRUE(contains(some, "fd12::1"));
    EXPECT_FALSE(contains(some, "fe80::1"));
    EXPECT_FALSE(contains(Networks(), "127.0.0.1"));
    EXPECT_TRUE(contains(networks({"0.0.0.0/0"}), "8.8.8.8"));
    EXPECT_FALSE(contains(networks({"0.0.0.0/0"}), "2001:db8::1"));
    EXPECT_TRUE(contains(networks({"::/0"}), "8.8.8.8"));
}

TEST(Networks, RefuseWhatIsNoNetwork) {
    for (const char* bad : {"",
                            "x",
                            "10.0.0.0/",
                            "10.0.0.0/33",
                            "10.0.0.0/8x",
                            "10.0.0.0/-1",
                            "10.0.0.1/8",
                            "fd00::/129",
                            "fd00::1/8",
                            "10.0.0.0/8/8",
                            "/8",
                            "localhost"}) {
        EXPECT_THROW(networks({bad}), std::invalid_argument) << bad;
    }
}

}  // namespace
}  // namespace cartwright::http
