// A district's half year of visits, inspections and complaints (HC-20, HC-21), for the golden files.
#pragma once

#include <memory>

#include "tests/reports/fake_view.h"

namespace fundtrail::tests {

std::unique_ptr<FakeView> sample_duties();

}  // namespace fundtrail::tests
