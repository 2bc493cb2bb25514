// What of somebody's text may be repeated in an answer that others read. What could not be understood is
// whatever somebody typed, a person's name even. Pure; thread-safe.
#pragma once

#include <string_view>

namespace fundtrail::api {

// Whether it looks like a word, a number or a path of ours: "doc.amount", "lines[3].voucher", "2008/02/30".
// No number that could be a person's, in groups neither, and nothing but ASCII. Asked of the whole text, before any of
// it is cut.
bool may_be_quoted(std::string_view text);

}  // namespace fundtrail::api
