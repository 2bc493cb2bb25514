// What people call the stages of a payment. Private to reports/.
#pragma once

#include "reports/provider_payments.h"
#include "reports/report.h"

namespace fundtrail::reports {

Label label_of(PaymentStage stage);

}  // namespace fundtrail::reports
