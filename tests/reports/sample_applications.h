// Applications of a quarter by hand: HC-SLA-1 in time, HC-SLA-2 with a late review, one rejected, one
// approved and withdrawn, two open (one late, one beyond the calendar).
#pragma once

#include <memory>

#include "tests/reports/fake_view.h"

namespace fundtrail::tests {

std::unique_ptr<FakeView> sample_applications();

}  // namespace fundtrail::tests
