// The MQL5 runtime for an expert translated to C++. One include for all of it, except the trade functions (trade.hpp).
#pragma once
#include "array.hpp"
#include "base.hpp"
#include "clock.hpp"
#include "text.hpp"
#include "world.hpp"
