#include "shop/common_passwords.hpp"

#include <algorithm>
#include <array>

namespace cartwright::shop {

namespace {

// Sorted by bytes. Runs along keyboards and the alphabet, first names, teams, words of login pages, in
// English and Russian.
constexpr std::array<std::string_view, 363> common{
    "00112233",     "01234567",     "0123456789",   "10203040",     "102030405060",  "11112222",
    "1111aaaa",     "11223344",     "1122334455",   "11235813",     "12121212",      "12131415",
    "123123123",    "123321123",    "12341234",     "12344321",     "12345678",      "123456789",
    "1234567890",   "123456789a",   "12345678a",    "1234567a",     "123456aa",      "123456ab",
    "123456abc",    "123456qwerty", "12345qwert",   "1234qwer",     "123654789",     "123qweasd",
    "123qweasdzxc", "13131313",     "13579246",     "135792468",    "147258369",     "147896325",
    "159357456",    "159753456",    "19841984",     "1a2b3c4d",     "1a2s3d4f",      "1q1q1q1q",
    "1q2w3e4r",     "1q2w3e4r5t",   "1q2w3e4r5t6y", "1qaz2wsx",     "1qaz2wsx3edc",  "1qazxsw2",
    "1z2x3c4v",     "20002000",     "20102010",     "20202020",     "246813579",     "24682468",
    "27182818",     "31415926",     "314159265",    "3edc4rfv",     "55667788",      "5tgb6yhn",
    "741852963",    "789456123",    "87654321",     "963852741",    "98765432",      "987654321",
    "9876543210",   "99887766",     "a1234567",     "a12345678",    "a123456789",    "aa112233",
    "aa123456",     "aa12345678",   "aaaa1111",     "aaaaaaa1",     "abc12345",      "abc123456",
    "abcd1234",     "abcdefgh",     "abcdefghi",    "access14",     "admin123",      "admin123!",
    "admin1234",    "admin12345",   "admin@123",    "adminadmin",   "administrator", "aleksandr",
    "alexander",    "alexandra1",   "andrew123",    "anthony1",     "arsenal1",      "asasasas",
    "asd123456",    "asdf1234",     "asdfasdf",     "asdfghjk",     "asdfghjkl",     "asdqwe123",
    "autumn2025",   "babygirl",     "babygirl1",    "barcelona",    "baseball",      "baseball1",
    "basketball",   "batman123",    "benjamin",     "blink182",     "business",      "butterfly",
    "cartwright",   "cfvceyu1",     "changeme",     "changeme1",    "changeme123",   "charlie1",
    "charlotte",    "cheese123",    "chelsea1",     "chocolate",    "christian",     "christopher",
    "company1",     "company123",   "computer",     "contrasena",   "contraseña",    "cookie123",
    "corvette",     "cowboys1",     "daniel123",    "december",     "default1",      "demo1234",
    "demodemo",     "diamond1",     "director",     "dmitriy1",     "dragon123",     "ekaterina",
    "elizabeth",    "february",     "ferrari1",     "football",     "football1",     "forever1",
    "freedom1",     "friends1",     "gfhjkm123",    "gfhjkmgfhjkm", "ghjcnbnenrf",   "goodluck",
    "goodluck1",    "google123",    "greenday",     "guest123",     "guest1234",     "hardcore",
    "hello123",     "hello1234",    "hellohello",   "hunter12",     "hunter123",     "iloveyou",
    "iloveyou1",    "iloveyou2",    "internet",     "january1",     "jennifer",      "jessica1",
    "jonathan",     "jordan23",     "joshua123",    "katherine",    "killer12",      "killer123",
    "letmein1",     "letmein123",   "letmeinnow",   "liverpool",    "liverpool1",    "lovelove",
    "lovely123",    "loveyou1",     "lubimaya",     "magazin1",     "magazin123",    "maksim123",
    "manager1",     "manager123",   "manchester",   "marina123",    "master12",      "master123",
    "matthew1",     "maverick",     "mercedes",     "metallica",    "michael1",      "michelle",
    "microsoft",    "midnight",     "monkey123",    "moskva123",    "motdepasse",    "mustang1",
    "mynoob12",     "mypassword",   "mypassword1",  "nastya123",    "natasha1",      "newpass1",
    "newpassword",  "nicholas",     "nirvana1",     "nopassword",   "november",      "ntktajy1",
    "office123",    "openopen",     "opensesame",   "p4ssw0rd",     "p@ssw0rd",      "p@ssword",
    "pa$$w0rd",     "pa$$word",     "parol123",     "parol1234",    "parolparol",    "pass1234",
    "pass12345",    "pass@123",     "pass@word1",   "passpass",     "passw0rd",      "password",
    "password!",    "password1",    "password1!",   "password12",   "password123",   "password123!",
    "password1234", "passwort",     "passwort1",    "patricia",     "phoenix1",      "pokemon1",
    "pokemon123",   "porsche1",     "princess",     "princess1",    "q1w2e3r4",      "q1w2e3r4t5",
    "q2w3e4r5",     "qaz123456",    "qazwsx123",    "qazwsxedc",    "qwaszx12",      "qwe123qwe",
    "qweasd123",    "qweasdzxc",    "qwer1234",     "qwerty12",     "qwerty123",     "qwerty123!",
    "qwerty1234",   "qwerty12345",  "qwertyqwerty", "qwertyu1",     "qwertyui",      "qwertyuiop",
    "qwqwqwqw",     "ranger12",     "realmadrid",   "richard1",     "rjirf123",      "robert123",
    "rockstar",     "root1234",     "rootroot",     "rossiya1",     "samsung1",      "samsung123",
    "scorpion",     "secret123",    "secret1234",   "september",    "shadow12",      "shadow123",
    "shop1234",     "slipknot",     "snowball",     "solnyshko",    "spartak1",      "spiderman",
    "spring2025",   "spring2026",   "startrek",     "starwars",     "starwars1",     "stephanie",
    "store123",     "summer2024",   "summer2025",   "summer2026",   "sunshine",      "sunshine1",
    "superman",     "superman1",    "support1",     "support123",   "svetlana",      "tatyana1",
    "temp1234",     "temporary",    "temppass",     "test1234",     "test12345",     "testtest",
    "thomas123",    "thunder1",     "toor1234",     "trustme1",     "trustno1",      "user1234",
    "username",     "victoria",     "vladimir",     "wasd1234",     "welcome1",      "welcome1!",
    "welcome12",    "welcome123",   "welcome123!",  "whatever",     "william1",      "windows1",
    "winter2024",   "winter2025",   "winter2026",   "yankees1",     "yourpassword",  "zaq12wsx",
    "zenit123",     "zxc123456",    "zxcasdqwe",    "zxcvbnm1",     "zxcvbnm123",    "zzzzzzzz1",
    "йцукен123",    "йцукенгш",     "йцукенгшщз",   "любовь123",    "наташа123",     "пароль12",
    "пароль123",    "привет123",    "солнышко",
};

static_assert(std::ranges::is_sorted(common));

}  // namespace

bool is_common_password(std::string_view folded) noexcept {
    return std::ranges::binary_search(common, folded);
}

}  // namespace cartwright::shop
