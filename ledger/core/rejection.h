// Rejection: a business "no". The reasons are a closed, documented set; their codes are stable, are
// the last part of the HTTP problem `type`, and have one Chinese and one English sentence each.
//
// Precedence: when several reasons apply to a document, the one that stands first in the
// enumeration is given (for a line: to that line). The order goes from "we cannot read it" through
// "you may not", "that does not exist", "the policy forbids it", "the state forbids it" to "there
// is not enough money", so that the answer does not depend on how the check is programmed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/core/ids.h"

namespace fundtrail {

enum class Reason : std::uint8_t {
  // The command cannot be read.
  malformed_command, unknown_kind, malformed_field, missing_field, unknown_field, no_lines,
  too_many_lines, duplicate_line,
  // The actor may not.
  role_not_permitted, not_own_provider, same_person, signature_required, signature_wrong,
  key_of_another, key_not_valid, key_not_confirmed, signature_expired,
  // Repetition.
  command_id_reused, already_open, already_registered,
  // Time.
  not_open, date_in_future, period_closed, period_not_next, drafts_open,
  // It does not exist.
  unknown_fund, unknown_policy, unknown_programme, unknown_region, unknown_provider,
  unknown_account, unknown_beneficiary, unknown_voucher, unknown_redemption, unknown_settlement,
  unknown_disbursement, unknown_recovery, unknown_entry, unknown_application, unknown_calculation,
  unknown_service, unknown_duty, unknown_key,
  // What was given is not acceptable in itself.
  invalid_id_number, invalid_uscc, invalid_period, invalid_value, amount_not_positive,
  approval_missing,
  // The policy forbids it.
  policy_required, policy_not_in_force, policy_closed, under_age, over_age, category_not_eligible,
  care_level_not_eligible, condition_not_met, documents_missing, exclusive_scheme,
  programme_not_voucher, programme_not_grant, instrument_mismatch, points_not_money, rate_not_set,
  item_out_of_scope, notice_too_short, signers_missing, withdrawal_not_proposed, purpose_not_allowed, economic_code_banned, channel_not_voucher,
  wrong_face_value, wrong_validity, payment_in_cash,
  // The state of the person, the provider or the voucher forbids it.
  contract_not_valid, certificate_not_valid, assessment_missing, not_granted, more_than_approved,
  not_yet_entitled, paid_before,
  entitlement_ended, already_erased, already_issued, region_mismatch,
  serial_not_consecutive, serial_taken, holder_mismatch, voucher_already_redeemed,
  voucher_not_redeemed, voucher_returned, voucher_voided, voucher_expired, voucher_not_yet_valid, voucher_past_validity,
  voucher_not_past_validity,
  // The step does not fit.
  wrong_step, date_too_early, already_settled, payee_mismatch, amount_mismatch, share_mismatch,
  fund_of_other_level, fund_did_not_bear, already_calculated, duplicate_invoice, duplicate_bill,
  bill_calculated, duplicate_bank_reference, duplicate_statement, not_correctable, already_corrected,
  wrong_correction_method, correction_kind_mismatch,
  // There is not enough.
  net_negative, programme_limit, points_insufficient, insufficient_balance,
};
inline constexpr std::size_t kReasons = static_cast<std::size_t>(Reason::insufficient_balance) + 1;

struct ReasonInfo {
  Reason reason;
  std::string_view code;     // "voucher-already-redeemed"
  int http_status;           // 400 unreadable, 403 may not, 404 unknown, 409 state, 422 policy/value
  std::string_view zh;       // "{0}" is the subject, "{1}" the detail
  std::string_view en;
  bool detail_is_entry = false;  // the detail is the index of an entry, and "{1}" stands for "entry 7"
};
const ReasonInfo& info(Reason reason);
std::optional<Reason> reason_from_code(std::string_view code);

// What an unknown_field has as its detail when the field stands twice; else that is the field that was meant, or nothing.
inline constexpr std::string_view kRepeatedField = "field.repeated";
// Of a date_too_early of a lost voucher: stands behind the first day of its replacement and before the number of
// working days that pass until then.
inline constexpr std::string_view kWorkingDays = ", working days: ";
// What an amount_not_positive has as its detail when a claim, the entry that is its subject, was taken back in full.
inline constexpr std::string_view kTakenBack = "claim.taken_back";
// What a role_not_permitted has as its detail when the role records no document at all.
inline constexpr std::string_view kAnyDocument = "anything";
// What a malformed_command has as its subject when no command but a policy file could not be read.
inline constexpr std::string_view kWholePolicy = "policy";

struct Rejection {
  Reason reason = Reason::malformed_command;
  std::string field = {};    // "doc.amount", "lines[3].voucher"; empty: the whole command
  std::string subject = {};  // the id, number or value in question; never personal data
  std::string detail = {};   // expected value, limit, other id; language-neutral
  std::optional<std::size_t> line = {};  // which line of the document, from 0
  // Where the detail is an entry that is not recorded, because its batch is refused as a whole: by which command it
  // would have been.
  std::optional<CommandId> batch_command = {};

  std::string zh() const;
  std::string en() const;
};

// The first of a and b by precedence.
const Rejection& first_by_precedence(const Rejection& a, const Rejection& b);

}  // namespace fundtrail
