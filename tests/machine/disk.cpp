#include "tests/machine/disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

namespace fundtrail::machine {
namespace {

namespace fs = std::filesystem;

std::string path_of(int file) { return "/proc/self/fd/" + std::to_string(file); }

std::string content_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), {});
}

std::optional<struct stat> facts_of(int file) {
  struct stat facts {};
  if (::fstat(file, &facts) != 0) return std::nullopt;
  return facts;
}

}  // namespace

Disk::~Disk() {
  for (const int file : held_) ::close(file);
}

// Its node; a new one is empty.
ino_t Disk::note(const fs::path& path) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0) return 0;
  const auto [it, is_new] = nodes_.try_emplace(facts.st_ino);
  if (is_new) {
    it->second.mode = facts.st_mode;
    if (S_ISLNK(facts.st_mode)) it->second.content = fs::read_symlink(path).string();
  }
  return facts.st_ino;
}

void Disk::take_names(Node& node, const fs::path& directory) {
  std::map<std::string, ino_t> names;
  for (const auto& item : fs::directory_iterator(directory)) {
    if (const ino_t number = note(item.path())) names[item.path().filename()] = number;
  }
  node.names = std::move(names);
}

void Disk::remember(const fs::path& place) {
  for (const int file : held_) ::close(file);
  held_.clear();
  nodes_.clear();
  place_ = place;
  root_ = note(place);
  remember_below(place);
}

void Disk::remember_below(const fs::path& path) {
  Node& node = nodes_.at(note(path));
  if (S_ISREG(node.mode)) node.content = content_of(path);
  if (!S_ISDIR(node.mode)) return;
  take_names(node, path);
  for (const auto& [name, number] : node.names) remember_below(path / name);
}

void Disk::synced(int file) {
  const auto facts = facts_of(file);
  if (!facts) return;
  Node& node = nodes_[facts->st_ino];
  node.mode = facts->st_mode;
  if (S_ISDIR(facts->st_mode)) return take_names(node, path_of(file));
  std::string now = content_of(path_of(file));
  if (!node.gave_up) {
    node.content = std::move(now);
    return;
  }
  for (const auto& [at, n] : node.anew) {
    const auto from = static_cast<std::size_t>(at), to = std::min(from + n, now.size());
    if (from >= to) continue;
    if (node.content.size() < to) node.content.resize(to, '\0');
    node.content.replace(from, to - from, now, from, to - from);
  }
}

void Disk::sync_failed(int file) {
  const auto facts = facts_of(file);
  if (!facts || !S_ISREG(facts->st_mode)) return;
  Node& node = nodes_[facts->st_ino];
  node.mode = facts->st_mode;
  node.gave_up = true;
  node.anew.clear();
}

void Disk::writing(int file, off_t at, std::size_t n) {
  const auto facts = facts_of(file);
  if (!facts) return;
  const auto it = nodes_.find(facts->st_ino);
  if (it != nodes_.end() && it->second.gave_up) it->second.anew.emplace_back(at, n);
}

void Disk::reached(int file) {
  const auto facts = facts_of(file);
  if (!facts) return;
  Node& node = nodes_[facts->st_ino];
  node.mode = facts->st_mode;
  node.content = content_of(path_of(file));
}

void Disk::removing(const fs::path& path) {
  const int file = ::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (file >= 0) held_.push_back(file);
}

void Disk::make(ino_t number, const fs::path& path) const {
  const Node& node = nodes_.at(number);
  if (S_ISLNK(node.mode)) return fs::create_symlink(node.content, path);
  if (!S_ISDIR(node.mode)) {
    std::ofstream(path, std::ios::binary) << node.content;
    ::chmod(path.c_str(), node.mode & 07777);
    return;
  }
  fs::create_directory(path);
  for (const auto& [name, child] : node.names) make(child, path / name);
  const fs::path mark = path / ".fundtrail";
  if (content_of(mark) == std::to_string(number) + "\n") {
    struct stat facts {};
    ::stat(path.c_str(), &facts);
    std::ofstream(mark, std::ios::binary) << facts.st_ino << "\n";
  }
  ::chmod(path.c_str(), node.mode & 07777);
}

void Disk::lose() {
  const fs::path after = place_.string() + ".after";
  make(root_, after);
  fs::remove_all(place_);
  fs::rename(after, place_);
  remember(fs::path(place_));
}

}  // namespace fundtrail::machine
