// What of a directory is on the disk and not only in the operating system's memory. Of a file, what it
// held when it was synced; of a directory, the names it had when it was synced. POSIX promises no more.
// After a sync that failed, the system counts a file's pages as written although they are not: a later
// sync brings only what was written anew.
//
// Not thread-safe.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace fundtrail::machine {

class Disk {
 public:
  ~Disk();
  // All that is there now is on the disk.
  void remember(const std::filesystem::path& place);
  const std::filesystem::path& place() const { return place_; }

  void synced(int file);
  void sync_failed(int file);
  void writing(int file, off_t at, std::size_t n);
  // What the file holds has reached the disk, by chance.
  void reached(int file);
  // Its number must not be given to another file while the disk may still know it.
  void removing(const std::filesystem::path& path);

  // Makes the directory what the disk knows of it. Marks of directories (`.fundtrail`) go on naming
  // the directory they lie in, since on a real disk it would still be the same.
  void lose();

 private:
  struct Node {
    mode_t mode = 0;
    std::string content;                  // of a file; or where a link leads
    std::map<std::string, ino_t> names;   // of a directory
    bool gave_up = false;                 // a sync has failed
    std::vector<std::pair<off_t, std::size_t>> anew;  // written since then
  };
  ino_t note(const std::filesystem::path& path);
  void remember_below(const std::filesystem::path& path);
  void take_names(Node& node, const std::filesystem::path& directory);
  void make(ino_t number, const std::filesystem::path& path) const;

  std::filesystem::path place_;
  ino_t root_ = 0;
  std::map<ino_t, Node> nodes_;
  std::vector<int> held_;
};

}  // namespace fundtrail::machine
