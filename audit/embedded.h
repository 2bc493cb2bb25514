// Text files of this folder that the program carries with it (embedded.cpp.in, filled by CMake).
// Private to audit/.
#pragma once

#include <string_view>

namespace fundtrail::audit::embedded {

extern const std::string_view kVerifier;  // verify.py
extern const std::string_view kGuideZh;   // bundle_README.zh-CN.md
extern const std::string_view kGuideEn;   // bundle_README.md

}  // namespace fundtrail::audit::embedded
