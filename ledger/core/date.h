// Calendar dates, months and recorded times. No clock is read here: time enters with the command.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fundtrail {

// A day of the proleptic Gregorian calendar, years 1900 to 2999.
class Date {
 public:
  Date() = default;
  static std::optional<Date> from_ymd(int year, unsigned month, unsigned day);
  // "YYYY-MM-DD", nothing else.
  static std::optional<Date> parse(std::string_view text);
  static Date from_days(std::int32_t days) { return Date(days); }
  std::string str() const;
  // Days since 1970-01-01.
  std::int32_t days() const { return days_; }
  int year() const { return int(ymd().year()); }
  unsigned month() const { return unsigned(ymd().month()); }
  unsigned day() const { return unsigned(ymd().day()); }

  Date operator+(std::int32_t days) const { return Date(days_ + days); }
  std::int32_t operator-(const Date& other) const { return days_ - other.days_; }
  friend auto operator<=>(const Date&, const Date&) = default;

 private:
  explicit Date(std::int32_t days) : days_(days) {}
  std::chrono::year_month_day ymd() const {
    return std::chrono::sys_days(std::chrono::days(days_));
  }
  std::int32_t days_ = 0;
};

// Full years from `birth` to `on`; a birthday on 29 February counts from 1 March in other years
// (docs/DECISIONS.md).
int age_on(Date birth, Date on);

// A calendar month, "YYYY-MM". Arithmetic is total: it may leave the years 1900 to 2999, which
// in_calendar() tells; a month that left them has days, but no text that parse() takes back.
class Month {
 public:
  Month() = default;
  static std::optional<Month> parse(std::string_view text);
  static Month of(Date date);
  std::string str() const;
  Date first_day() const;
  Date last_day() const;
  Month plus(int months) const;
  bool in_calendar() const { return ordinal_ >= 1900 * 12 && ordinal_ < 3000 * 12; }
  // Months since year 0; grows by one a month.
  std::int32_t ordinal() const { return ordinal_; }
  static Month from_ordinal(std::int32_t ordinal);
  friend auto operator<=>(const Month&, const Month&) = default;

 private:
  std::int32_t ordinal_ = 0;
};

// An instant with its offset, to the second: "2008-04-10T09:00:00+08:00" (RFC 3339). Ordered by
// the instant; the offset is kept because it is part of the record.
class Timestamp {
 public:
  Timestamp() = default;
  Timestamp(std::int64_t unix_seconds, std::int16_t offset_minutes)
      : seconds_(unix_seconds), offset_minutes_(offset_minutes) {}
  // Digits only, upper-case T, a numeric offset ("+08:00"; "Z" is refused so that one instant has
  // one spelling per offset), no fraction, no leap second.
  static std::optional<Timestamp> parse(std::string_view text);
  std::string str() const;
  std::int64_t unix_seconds() const { return seconds_; }
  std::int16_t offset_minutes() const { return offset_minutes_; }
  Date date() const;
  friend bool operator==(const Timestamp&, const Timestamp&) = default;
  friend bool operator<(const Timestamp& a, const Timestamp& b) { return a.seconds_ < b.seconds_; }

 private:
  std::int64_t seconds_ = 0;
  std::int16_t offset_minutes_ = 8 * 60;
};

}  // namespace fundtrail
