#include "api/zip.h"

#include <sys/stat.h>
#include <zip.h>

#include <algorithm>

namespace fundtrail::api {
namespace {

constexpr std::size_t kBuffer = 128 << 10;

// The kind of file that a Unix program noted; 0: none did.
mode_t kind_of(zip_t* zip, std::uint64_t number) {
  zip_uint8_t system = 0;
  zip_uint32_t attributes = 0;
  if (zip_file_get_external_attributes(zip, number, 0, &system, &attributes) != 0) return 0;
  return system == ZIP_OPSYS_UNIX ? (attributes >> 16) & S_IFMT : 0;
}

int ask(zip_t*, void* cancelled) { return (*static_cast<const std::function<bool()>*>(cancelled))() ? 1 : 0; }

Error failed(const std::string& why) { return {Fault::io, "zip: " + why}; }

}  // namespace

void ZipReader::Discard::operator()(zip_t* opened) const { zip_discard(opened); }

ZipReader::ZipReader(std::string_view bytes) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  if (source != nullptr) {
    zip_.reset(zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error));
    if (zip_ == nullptr) zip_source_free(source);
  }
  zip_error_fini(&error);
}

std::uint64_t ZipReader::count() const {
  return static_cast<std::uint64_t>(std::max<zip_int64_t>(0, zip_get_num_entries(zip_.get(), 0)));
}

std::optional<ZipReader::Entry> ZipReader::entry(std::uint64_t number) const {
  zip_stat_t stat;
  if (zip_stat_index(zip_.get(), number, ZIP_FL_ENC_RAW, &stat) != 0 || (stat.valid & ZIP_STAT_SIZE) == 0 ||
      (stat.valid & ZIP_STAT_NAME) == 0) {
    return std::nullopt;
  }
  Entry entry{.name = stat.name, .size = stat.size};
  const auto kind = kind_of(zip_.get(), number);
  entry.folder = kind == S_IFDIR || (kind == 0 && (entry.name.ends_with('/') || entry.name.ends_with('\\')));
  entry.file = !entry.folder && (kind == 0 || kind == S_IFREG);
  return entry;
}

std::optional<std::uint64_t> ZipReader::find(const std::string& name) const {
  const auto number = zip_name_locate(zip_.get(), name.c_str(), 0);
  if (number < 0) return std::nullopt;
  return static_cast<std::uint64_t>(number);
}

ZipReader::Outcome ZipReader::read(std::uint64_t number, const Take& take) const {
  const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file(zip_fopen_index(zip_.get(), number, 0),
                                                               zip_fclose);
  if (file == nullptr) return Outcome::damaged;
  std::vector<char> buffer(kBuffer);
  for (;;) {
    const auto got = zip_fread(file.get(), buffer.data(), buffer.size());
    if (got < 0) return Outcome::damaged;
    if (got == 0) return Outcome::whole;
    if (!take({buffer.data(), static_cast<std::size_t>(got)})) return Outcome::stopped;
  }
}

Status write_zip(const std::filesystem::path& to, const std::vector<ZipFile>& files,
                 const std::function<bool()>& cancelled) {
  int code = 0;
  std::unique_ptr<zip_t, void (*)(zip_t*)> zip(zip_open(to.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code),
                                               zip_discard);
  if (zip == nullptr) return failed("cannot be made (" + std::to_string(code) + ")");
  const auto fault = [&] { return failed(zip_strerror(zip.get())); };
  for (const auto& one : files) {
    zip_source_t* source = zip_source_file(zip.get(), one.file.c_str(), 0, 0);
    if (source == nullptr) return fault();
    const auto number = zip_file_add(zip.get(), one.name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (number < 0) {
      zip_source_free(source);
      return fault();
    }
    zip_file_set_external_attributes(zip.get(), static_cast<zip_uint64_t>(number), 0, ZIP_OPSYS_UNIX,
                                     static_cast<zip_uint32_t>(S_IFREG | 0644) << 16);
  }
  auto asked = cancelled;
  zip_register_cancel_callback_with_state(zip.get(), ask, nullptr, &asked);
  // Everything is read and written only now.
  if (zip_close(zip.get()) != 0) {
    if (zip_error_code_zip(zip_get_error(zip.get())) == ZIP_ER_CANCELLED) {
      return Error{Fault::unavailable, "the work was cancelled"};
    }
    return fault();
  }
  static_cast<void>(zip.release());  // closing has freed it
  return success();
}

}  // namespace fundtrail::api
