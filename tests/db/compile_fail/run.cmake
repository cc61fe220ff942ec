# Compiles one case, which has to fail with the words that its first line expects (alternatives are parted
# by |); a case without such a line has to compile.
#   cmake -DCOMPILER=… -DCASE=… -DINCLUDES=… -P run.cmake
file(STRINGS "${CASE}" first LIMIT_COUNT 1)
execute_process(COMMAND ${COMPILER} -std=c++2b -fsyntax-only -fno-color-diagnostics ${FLAGS} ${CASE}
    RESULT_VARIABLE status ERROR_VARIABLE words OUTPUT_QUIET)
if(first MATCHES "^// expect: (.*)$")
    set(expected "${CMAKE_MATCH_1}")
    if(status EQUAL 0)
        message(FATAL_ERROR "${CASE} compiles, and must not")
    endif()
    if(NOT words MATCHES "error: [^\n]*(${expected})")
        message(FATAL_ERROR "${CASE} fails for another reason than \"${expected}\":\n${words}")
    endif()
elseif(NOT status EQUAL 0)
    message(FATAL_ERROR "${CASE} must compile:\n${words}")
endif()
