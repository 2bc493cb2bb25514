// The memory that bodies of requests take, of all connections together. Small ones need no room: the number of
// connections bounds them, and whoever signs in must not be kept out by those who send large ones. Nobody gets more
// than a part of it, so that one who sends slowly keeps no others from sending.
//
// Thread-safe. Outlives what was taken of it.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace fundtrail::api {

class BodyRoom {
 public:
  // Bytes. Read as JSON the worst of them take some 25 times as much.
  static constexpr std::size_t kTotal = 64 << 20;
  static constexpr std::size_t kOfOne = kTotal / 4;    // of one user: two of the largest
  static constexpr std::size_t kSmallBody = 64 << 10;  // a body up to this needs none

  // Given back when it ends.
  class Place {
   public:
    Place() = default;
    ~Place() {
      if (room_ != nullptr) room_->give_back(user_, bytes_);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    friend class BodyRoom;
    BodyRoom* room_ = nullptr;  // nullptr: nothing was taken
    std::string user_;
    std::size_t bytes_ = 0;
  };

  // Once for each place. False: there is none now.
  bool take(const std::string& user, std::size_t bytes, Place& place) {
    const std::lock_guard lock(mutex_);
    auto& own = of_user_[user];
    const bool fits = bytes <= kOfOne - own && bytes <= kTotal - taken_;
    if (fits) {
      own += bytes;
      taken_ += bytes;
      place.room_ = this;
      place.user_ = user;
      place.bytes_ = bytes;
    } else if (own == 0) {
      of_user_.erase(user);
    }
    return fits;
  }

 private:
  void give_back(const std::string& user, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    taken_ -= bytes;
    const auto own = of_user_.find(user);
    if ((own->second -= bytes) == 0) of_user_.erase(own);
  }

  std::mutex mutex_;
  std::size_t taken_ = 0;
  std::unordered_map<std::string, std::size_t> of_user_;
};

}  // namespace fundtrail::api
