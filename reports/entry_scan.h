// Fast reading of entries for reports, in all cores: date, kind and postings of each, in place
// (ledger/chain/entry_scanner.h). Private to reports/.
#pragma once

#include <simdjson.h>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/chain/entry_scanner.h"
#include "ledger/core/accounts.h"
#include "ledger/core/documents.h"
#include "ledger/core/in_order.h"
#include "ledger/engine/kinds.h"
#include "ledger/ledger.h"

namespace fundtrail::reports {

// The position of a kind among Document's alternatives.
template <class Doc, std::size_t I = 0>
constexpr std::size_t kind_index() {
  if constexpr (std::is_same_v<DocumentOfKind<I>, Doc>) return I;
  else return kind_index<Doc, I + 1>();
}

// The kind of an entry without parsing it. In a canonical line the member can only be found where
// it stands (inside a string its quotes would be escaped) or inside a policy, whose steps and duties
// have kinds too, but none of the name of a document. Nothing when the line names no known kind.
std::optional<std::size_t> kind_of_line(std::string_view bytes);

struct GlancedPosting {
  FundAccount account = FundAccount::source;
  Side side = Side::debit;
  Money amount;
  std::string_view fund, programme, region, counterparty;  // empty when absent
  std::uint32_t place = 0;  // of account and dimensions; the reader's own number, small

  Money effect() const {
    return (side == Side::debit) == is_debit_account(account) ? amount : -amount;
  }
};

// Valid until the next entry is read.
struct Glance {
  std::uint64_t index = 0;
  Date date;
  std::size_t kind = 0;
  std::string_view document;  // canonical JSON
  std::vector<GlancedPosting> postings;
  std::string_view lines;  // with View::Lines::with
};

Kinds all_kinds();

// Reads one entry after the other, remembering what they have in common. Not thread-safe.
class EntryReader {
 public:
  // False: of no wanted kind. Faults: unreadable.
  Result<bool> read(const Kinds& kinds, std::uint64_t index, std::string_view bytes, Glance& glance);

 private:
  Status decode(std::uint64_t index, std::string_view bytes, Glance& glance);
  chain::EntryScanner scanner_;
  chain::ScannedEntry scanned_;
  Entry decoded_;         // when the scanner did not accept it
  std::string document_;
};

// A stretch of entries that one thread reads.
struct Stretch {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
};
// The stretches of all entries of a ledger, in order.
class Stretches {
 public:
  explicit Stretches(std::uint64_t size);
  std::optional<Stretch> next();

 private:
  std::uint64_t next_ = 0;
  const std::uint64_t size_, length_;
};

// Reads all entries in as many threads as there are cores: each stretch of entries goes into a Part of
// its own, by what `reader` gives for the thread (numbered from 0), in several threads at once; the
// parts come to `fold`, in this thread, in the order of the chain. Faults: those of View::scan and of
// what was passed.
template <class Part>
using ReadInto = std::function<Status(Part&, std::uint64_t index, std::string_view bytes,
                                      std::string_view block)>;
template <class Part>
Status scan_stretches(const View& view, View::Lines lines, const std::function<Part()>& make,
                      const std::function<ReadInto<Part>(std::size_t thread)>& reader,
                      const std::function<Status(Part)>& fold) {
  struct Done {
    Part part;
    Status status = success();
  };
  Stretches stretches(view.size());
  Status outcome = success();
  InOrder<Stretch, Done>{
      0, [&] { return stretches.next(); },
      [&](std::size_t thread, Stretch stretch) {
        Done done{make()};
        const auto read = reader(thread);
        const auto scanned = view.scan(
            stretch.from, stretch.to, lines,
            [&](std::uint64_t index, std::string_view bytes, std::string_view block) {
              done.status = read(done.part, index, bytes, block);
              return done.status.ok();
            });
        if (!scanned.ok()) done.status = scanned;
        return done;
      },
      [&](Done done) {
        outcome = std::move(done.status);
        if (outcome.ok()) outcome = fold(std::move(done.part));
        return outcome.ok();
      }}
      .run();
  return outcome;
}

// The same for the entries of the wanted kinds, at a glance. Faults: unreadable, too.
template <class Part>
Status scan_entries(const View& view, const Kinds& kinds, View::Lines lines,
                    const std::function<Part()>& make,
                    const std::function<Status(Part&, const Glance&)>& take,
                    const std::function<Status(Part)>& fold) {
  struct Reading {
    EntryReader reader;
    Glance glance;
  };
  PerThread<Reading> readings([](std::size_t) { return Reading(); });
  const auto reader_of = [&](std::size_t thread) -> ReadInto<Part> {
    return [&, reading = &readings.of(thread)](Part& part, std::uint64_t index,
                                               std::string_view bytes,
                                               std::string_view block) -> Status {
      const auto wanted = reading->reader.read(kinds, index, bytes, reading->glance);
      if (!wanted.ok()) return wanted.error();
      if (!*wanted) return success();
      reading->glance.lines = block;
      return take(part, reading->glance);
    };
  };
  return scan_stretches<Part>(view, lines, make, reader_of, fold);
}

// Visits each line of a document as a JSON object.
Status for_each_line(std::string_view block,
                     const std::function<Status(simdjson::dom::object)>& visit);

}  // namespace fundtrail::reports
