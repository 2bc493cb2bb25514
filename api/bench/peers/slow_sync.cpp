// Makes every fsync and fdatasync of a process take SLOW_SYNC_US microseconds longer, as a slower disk
// would: preloaded (LD_PRELOAD) before the program that is measured. Built by script/bench only.
#include <dlfcn.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>

namespace {

int slowly(const char* name, int descriptor) {
  using Sync = int (*)(int);
  const auto sync = reinterpret_cast<Sync>(dlsym(RTLD_NEXT, name));
  const int result = sync(descriptor);
  const char* text = std::getenv("SLOW_SYNC_US");
  const long us = text == nullptr ? 0 : std::strtol(text, nullptr, 10);
  const timespec delay = {us / 1'000'000, us % 1'000'000 * 1'000};
  if (us > 0) nanosleep(&delay, nullptr);
  return result;
}

}  // namespace

int fsync(int descriptor) { return slowly("fsync", descriptor); }
int fdatasync(int descriptor) { return slowly("fdatasync", descriptor); }
