// A machine that fails when told to, under everything that a test's process does below one directory:
// the calls of the C library are answered here first (machine.cpp defines open(), write(), fsync(),
// rename(), ... for this binary, and for the libraries it loads). So the k-th call of a kind answers
// with an error, writes half, or is where the power goes, whoever makes it: the engine, the files of
// keys, std::filesystem or RocksDB.
//
// tests/faults does the same at RocksDB's own seam, which tells more about RocksDB's files; here it is
// about directories, links, marks and keys, for which there is no seam.
//
// Thread-safe: the database's background threads come through here too. One place at a time.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace fundtrail::machine {

enum class Operation {
  make,    // a file, a directory, a link: its name
  write,
  sync,    // of a file or a directory
  rename,
  remove,
  look,    // open for reading, stat, list, read a link, lock
  read,
  thread,  // start one; counted wherever
};
inline constexpr Operation kOperations[] = {Operation::make,   Operation::write, Operation::sync,
                                            Operation::rename, Operation::remove, Operation::look,
                                            Operation::read};
const char* name_of(Operation operation);

enum class Failure {
  eio,          // nothing was done; later calls work
  enospc,       // nothing was done, and the disk stays full
  short_write,  // half was written, which the call says, and then the disk is full
  torn_write,   // half was written and is on the disk, and the power went
  power,        // nothing was done and the power went; only what was synced stays
  kill,         // nothing was done and the process ended; what was written is remembered
};
const char* name_of(Failure failure);

struct Plan {
  Operation operation;
  std::size_t at;  // the at-th of that kind, from 0
  Failure failure;
};

// From now on it is remembered what below `place` is on the disk; all that is there now is.
void watch(const std::filesystem::path& place);
// From now on calls are counted and the planned one fails. Nothing: they are only counted.
void begin(std::optional<Plan> plan);
// Nothing fails any more. Whether the process or the power had gone.
bool end();
std::size_t count(Operation operation);
// What failed, with the file's name; empty: the planned call was never made.
std::string failed();
// Takes everything away that was not synced. With every file closed.
void lose_power();

}  // namespace fundtrail::machine
