// The name that the tests know Catch2 by, where its third version is installed, as in Debian 13.
#pragma once

#include <catch2/catch_all.hpp>
