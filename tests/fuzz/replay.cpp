// Plays the seeds and the regressions of every fuzz target, each as it is and changed by fixed recipes
// (24; FUNDTRAIL_FUZZ_ROUNDS sets how many). Arguments: folders that hold a folder for each target.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

#include "tests/fuzz/target.h"

namespace {

// When a property breaks, the input goes to a file, to be kept as a regression.
std::string playing, input;

void tell(int) {
  std::ofstream("broken-input", std::ios::binary) << input;
  std::cerr << "made of " << playing << ", written to broken-input" << std::endl;
  std::signal(SIGABRT, SIG_DFL);
}

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), {});
}

// xorshift: the same everywhere.
class Recipe {
 public:
  explicit Recipe(std::uint32_t seed) : state_(seed * 2654435761u + 1) {}
  std::uint32_t operator()(std::size_t below) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return static_cast<std::uint32_t>(state_ % below);
  }

 private:
  std::uint32_t state_;
};

std::string changed(std::string text, Recipe& random) {
  for (std::uint32_t n = random(4); n < 4 && !text.empty(); ++n) {
    const std::size_t at = random(text.size());
    switch (random(6)) {
      case 0: text.resize(at); break;
      case 1: text[at] = static_cast<char>(random(256)); break;
      case 2: text[at] = "\"\\,\n{}[]:0\xE4\xB8"[random(12)]; break;
      case 3: text.erase(at, 1 + random(8)); break;
      case 4: text.insert(at, text.substr(random(text.size()), 1 + random(40))); break;
      default: text[at] = static_cast<char>(text[at] ^ (1 << random(8)));
    }
  }
  return text;
}

std::size_t play(fundtrail::fuzz::Target target, const std::string& seed, std::uint32_t rounds) {
  input = seed;
  target(input);
  for (std::uint32_t round = 0; round < rounds; ++round) {
    Recipe random(round);
    input = changed(seed, random);
    target(input);
  }
  return rounds + 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGABRT, tell);
  std::map<std::string, std::size_t> seeds;
  std::size_t runs = 0;
  const char* text = std::getenv("FUNDTRAIL_FUZZ_ROUNDS");
  const auto rounds = static_cast<std::uint32_t>(text ? std::strtoul(text, nullptr, 10) : 24);
  for (int i = 1; i < argc; ++i) {
    for (const auto& [name, target] : fundtrail::fuzz::targets()) {
      const auto folder = std::filesystem::path(argv[i]) / name;
      if (!std::filesystem::is_directory(folder)) continue;
      for (const auto& file : std::filesystem::directory_iterator(folder)) {
        playing = file.path();
        runs += play(target, read(file.path()), rounds);
        ++seeds[name];
      }
    }
  }
  for (const auto& [name, target] : fundtrail::fuzz::targets()) {
    std::cout << name << ": " << seeds[name] << " seeds\n";
    if (seeds[name] == 0) return 1;
  }
  std::cout << runs << " inputs\n";
}
