#include "ledger/core/date.h"

#include <cstdio>
#include <cstdlib>

namespace fundtrail {
namespace {

// Exactly `n` digits at `at`, or -1.
int digits(std::string_view text, std::size_t at, std::size_t n) {
  if (at + n > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + n; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// Writes `value` as exactly `n` digits. Every line of a document has a date: printf is too slow here.
void put_digits(char* to, int n, unsigned value) {
  for (int i = n - 1; i >= 0; --i, value /= 10) to[i] = char('0' + value % 10);
}

// Floor division: instants before 1970 belong to the day that contains them.
std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

std::optional<Date> Date::from_ymd(int year, unsigned month, unsigned day) {
  const std::chrono::year_month_day ymd{std::chrono::year(year), std::chrono::month(month),
                                        std::chrono::day(day)};
  if (year < 1900 || year > 2999 || !ymd.ok()) return std::nullopt;
  return Date(std::int32_t(std::chrono::sys_days(ymd).time_since_epoch().count()));
}

std::optional<Date> Date::parse(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int y = digits(text, 0, 4), m = digits(text, 5, 2), d = digits(text, 8, 2);
  if (y < 0 || m < 0 || d < 0) return std::nullopt;
  return from_ymd(y, unsigned(m), unsigned(d));
}

std::string Date::str() const {
  const auto date = ymd();
  std::string text = "0000-00-00";
  put_digits(&text[0], 4, unsigned(int(date.year())));
  put_digits(&text[5], 2, unsigned(date.month()));
  put_digits(&text[8], 2, unsigned(date.day()));
  return text;
}

int age_on(Date birth, Date on) {
  const bool before_birthday =
      on.month() != birth.month() ? on.month() < birth.month() : on.day() < birth.day();
  return on.year() - birth.year() - (before_birthday ? 1 : 0);
}

std::optional<Month> Month::parse(std::string_view text) {
  if (text.size() != 7 || text[4] != '-') return std::nullopt;
  const int y = digits(text, 0, 4), m = digits(text, 5, 2);
  if (y < 1900 || y > 2999 || m < 1 || m > 12) return std::nullopt;
  return from_ordinal(y * 12 + m - 1);
}

Month Month::of(Date date) { return from_ordinal(date.year() * 12 + int(date.month()) - 1); }

Month Month::from_ordinal(std::int32_t ordinal) {
  Month month;
  month.ordinal_ = ordinal;
  return month;
}

std::string Month::str() const {
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02d", ordinal_ / 12, ordinal_ % 12 + 1);
  return text;
}

// By the months of std::chrono: also for a month outside the calendar of Date::from_ymd().
Date Month::first_day() const {
  const auto month = std::chrono::year(0) / std::chrono::January + std::chrono::months(ordinal_);
  const std::chrono::sys_days day = month / 1;
  return Date::from_days(std::int32_t(day.time_since_epoch().count()));
}
Date Month::last_day() const { return plus(1).first_day() + -1; }
Month Month::plus(int months) const { return from_ordinal(ordinal_ + months); }

std::optional<Timestamp> Timestamp::parse(std::string_view text) {
  if (text.size() != 25 || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
      (text[19] != '+' && text[19] != '-') || text[22] != ':') {
    return std::nullopt;
  }
  const auto date = Date::parse(text.substr(0, 10));
  const int h = digits(text, 11, 2), m = digits(text, 14, 2), s = digits(text, 17, 2);
  const int oh = digits(text, 20, 2), om = digits(text, 23, 2);
  if (!date || h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59 || oh < 0 || oh > 14 ||
      om < 0 || om > 59) {
    return std::nullopt;
  }
  const int offset = (text[19] == '-' ? -1 : 1) * (oh * 60 + om);
  if (text[19] == '-' && offset == 0) return std::nullopt;  // one spelling for UTC: +00:00
  const std::int64_t local = std::int64_t(date->days()) * 86400 + h * 3600 + m * 60 + s;
  return Timestamp(local - offset * 60, std::int16_t(offset));
}

Date Timestamp::date() const {
  return Date::from_days(std::int32_t(floor_div(seconds_ + offset_minutes_ * 60, 86400)));
}

std::string Timestamp::str() const {
  const std::int64_t local = seconds_ + offset_minutes_ * 60;
  const auto second = unsigned(local - floor_div(local, 86400) * 86400);
  const auto offset = unsigned(std::abs(int(offset_minutes_)));
  std::string text = date().str() + "T00:00:00+00:00";
  put_digits(&text[11], 2, second / 3600);
  put_digits(&text[14], 2, second / 60 % 60);
  put_digits(&text[17], 2, second % 60);
  if (offset_minutes_ < 0) text[19] = '-';
  put_digits(&text[20], 2, offset / 60);
  put_digits(&text[23], 2, offset % 60);
  return text;
}

}  // namespace fundtrail
