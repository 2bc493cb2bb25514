// What a running server does about signals, and once a second. Private to `fundtrail serve`.
//
//   SIGTERM, SIGINT   the end, after what is under way
//   SIGHUP            the book of users and the files of TLS are read anew
//   SIGUSR2           a backup is made in a thread of its own; the end calls it off
#pragma once

#include <signal.h>

#include <filesystem>

#include "api/http/server.h"

namespace fundtrail::api::cli {

// Takes these signals away from every thread made after this, so that one thread waits for them in peace.
sigset_t hold_signals();

struct BackupSettings {
  std::filesystem::path place;  // empty: none is made
  std::filesystem::path users;  // the book that goes into it
  std::size_t kept = 0;         // 0: all
};

struct Attendance {
  Server& server;
  Service& service;
  BackupSettings backups;
  bool tls = false;
};
// Until the server is to end. SIGUSR1 is how the main thread ends it when the server stopped by itself.
void attend(const sigset_t& held, const Attendance& attendance);

}  // namespace fundtrail::api::cli
