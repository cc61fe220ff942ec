// Boost.JSON, compiled once; only reader.cpp uses it.
#include <boost/json/src.hpp>
