// Which operation of a machine fails, and how.
#pragma once

#include <cstddef>

namespace fundtrail::faults {

enum class Operation { create, write, sync, rename, link, read, truncate, remove, anchor_write,
                       anchor_sync };
inline constexpr Operation kOperations[] = {
    Operation::create, Operation::write,    Operation::sync,   Operation::rename,
    Operation::link,   Operation::read,     Operation::truncate, Operation::remove,
    Operation::anchor_write, Operation::anchor_sync};
inline const char* name_of(Operation operation) {
  constexpr const char* kNames[] = {"create",   "write",  "sync",         "rename",     "link", "read",
                                    "truncate", "remove", "anchor write", "anchor sync"};
  return kNames[static_cast<int>(operation)];
}

enum class Failure {
  eio,         // nothing was done; later operations work
  enospc,      // likewise, and so do all writes after it: the disk stays full
  short_write, // half was written, then an error
  torn_write,  // half was written, then the power went; unsynced bytes up to there may be on the disk
  power,       // nothing was done and the power went; only what was synced stays
  kill,        // nothing was done and the process ended; what was written is remembered while the power
               // is on
};
inline const char* name_of(Failure failure) {
  constexpr const char* kNames[] = {"EIO", "ENOSPC", "short write", "torn write", "power loss",
                                    "kill -9"};
  return kNames[static_cast<int>(failure)];
}

struct Plan {
  Operation operation;
  std::size_t at;  // the at-th of that kind, from 0
  Failure failure;
};

}  // namespace fundtrail::faults
