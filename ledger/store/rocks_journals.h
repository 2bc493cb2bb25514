// The journals that an earlier process left, made durable before anything in them is believed.
// Private to ledger/store.
//
// Recovery reads what the operating system remembers, and that may be more than what is on the disk:
// the process was killed before its sync; or the sync failed, and then the system counts the pages as
// written although they are not, so that a later sync of the same file proves nothing. RocksDB syncs
// only the journals that it began itself. So before it opens a store for writing, each journal is
// synced, and unless the last writer says that every one of its syncs succeeded, it is written anew.
//
// That word is an empty file, CLOSED. It need not be durable: when the power goes, so does what the
// operating system remembers beyond the disk.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/status.h>

#include <string>

namespace fundtrail::store {

// Takes RocksDB's lock of the directory meanwhile. What a journal says does not change.
rocksdb::Status secure_journals(rocksdb::Env& env, const std::string& directory);

// Before the first write; and when the last one was synced and no sync had failed.
rocksdb::Status withdraw_closed(rocksdb::Env& env, const std::string& directory);
rocksdb::Status declare_closed(rocksdb::Env& env, const std::string& directory);

}  // namespace fundtrail::store
