# The compiler's settings, and the functions with which each folder declares itself:
#
#   cartwright_library(cart FLOOR 3 SOURCES cart.cpp store.cpp USES shop catalog)
#   cartwright_test(cart_test SOURCES cart_test.cpp USES cart)          # GoogleTest, found by ctest
#   cartwright_fuzz(guard SOURCES guard_fuzz.cpp USES http)             # libFuzzer, preset `fuzz`
#
# A library may use libraries of lower floors, and of its own floor where the call allows it. Floors are
# explained in engine/README.md; tests/tidy checks the includes themselves.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)

if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
    message(FATAL_ERROR "Cartwright is built with clang 19 (engine/decisions/0001): use a preset, "
                        "cmake --preset release, after deploy/setup")
endif()

option(CARTWRIGHT_FUZZ "build the libFuzzer targets of tests/fuzz instead of the server and its tests" OFF)
set(CARTWRIGHT_SANITIZE "" CACHE STRING "sanitizers, as in -fsanitize=")

find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(fmt REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc i18n data)
find_package(PostgreSQL REQUIRED)
find_package(CURL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(BROTLI REQUIRED IMPORTED_TARGET libbrotlienc libbrotlidec)

add_library(cartwright_settings INTERFACE)
target_compile_options(cartwright_settings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual -Werror
    -Wno-gnu-zero-variadic-macro-arguments
    -fno-omit-frame-pointer -fstack-protector-strong
    "SHELL:-Xclang -fno-pch-timestamp")
target_compile_definitions(cartwright_settings INTERFACE
    _GLIBCXX_ASSERTIONS
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_ARRAY
    BOOST_BEAST_SEPARATE_COMPILATION BOOST_ALL_NO_LIB)
target_include_directories(cartwright_settings INTERFACE ${CMAKE_SOURCE_DIR}/engine)
target_link_options(cartwright_settings INTERFACE -fuse-ld=mold)
target_link_libraries(cartwright_settings INTERFACE Threads::Threads fmt::fmt)
if(CARTWRIGHT_SANITIZE)
    target_compile_options(cartwright_settings INTERFACE
        -fsanitize=${CARTWRIGHT_SANITIZE} -fno-sanitize-recover=all)
    target_link_options(cartwright_settings INTERFACE -fsanitize=${CARTWRIGHT_SANITIZE})
endif()
if(CARTWRIGHT_FUZZ)
    target_compile_options(cartwright_settings INTERFACE -fsanitize=fuzzer-no-link)
endif()

# cartwright_library(NAME FLOOR n SOURCES … [USES library…] [LINKS imported target…] [STANDALONE])
# Links to other libraries are PUBLIC: a header may name what its library uses. STANDALONE: without the common
# precompiled header, for a library that could leave the house.
function(cartwright_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "STANDALONE" "FLOOR" "SOURCES;USES;LINKS")
    if(NOT DEFINED arg_FLOOR OR arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "cartwright_library(${name}): FLOOR and SOURCES are needed")
    endif()
    add_library(${name} STATIC ${arg_SOURCES})
    set_target_properties(${name} PROPERTIES CARTWRIGHT_FLOOR ${arg_FLOOR} OUTPUT_NAME cartwright_${name})
    target_link_libraries(${name} PUBLIC cartwright_settings ${arg_LINKS})
    foreach(used IN LISTS arg_USES)
        get_target_property(floor ${used} CARTWRIGHT_FLOOR)
        if(floor GREATER arg_FLOOR)
            message(FATAL_ERROR "${name} (floor ${arg_FLOOR}) may not use ${used} (floor ${floor})")
        endif()
        target_link_libraries(${name} PUBLIC ${used})
    endforeach()
    if(name STREQUAL "base")
        target_precompile_headers(${name} PRIVATE ${CMAKE_SOURCE_DIR}/engine/base/pch.hpp)
    elseif(NOT arg_STANDALONE)
        target_precompile_headers(${name} REUSE_FROM base)
    endif()
endfunction()

# cartwright_test(NAME SOURCES … USES library… [LABELS …] [LINKS …] [SECONDS n])
# Each test case is a ctest test of its own run; a case is ended after SECONDS (default 120).
function(cartwright_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "SECONDS" "SOURCES;USES;LABELS;LINKS")
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE ${arg_USES} ${arg_LINKS} GTest::gmock GTest::gtest_main)
    target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
    target_compile_definitions(${name} PRIVATE CARTWRIGHT_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
        CARTWRIGHT_BINARY_DIR="${CMAKE_BINARY_DIR}")
    target_precompile_headers(${name} REUSE_FROM base)
    if(NOT arg_SECONDS)
        set(arg_SECONDS 300)
    endif()
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_SECONDS} LABELS "${arg_LABELS}")
endfunction()

# cartwright_fuzz(NAME SOURCES … USES library…): the seed corpus stands in tests/fuzz/corpus/NAME.
function(cartwright_fuzz name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES")
    add_executable(fuzz_${name} ${arg_SOURCES})
    target_link_libraries(fuzz_${name} PRIVATE ${arg_USES})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    target_precompile_headers(fuzz_${name} REUSE_FROM base)
endfunction()
