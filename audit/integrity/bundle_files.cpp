#include "audit/integrity/bundle_files.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "audit/bundle_layout.h"
#include "audit/integrity/source.h"
#include "ledger/core/bilingual.h"

namespace fundtrail::audit {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

Finding of_file(Flaw flaw, std::string file, std::string detail = {}) {
  Finding finding{flaw};
  finding.subject = std::move(file);
  finding.detail = std::move(detail);
  return finding;
}

std::optional<json> read_json(const fs::path& file) {
  const auto text = read_file(file);
  if (!text.ok()) return std::nullopt;
  json value = json::parse(*text, nullptr, false);
  if (!value.is_object()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> number(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

std::optional<std::vector<chain::Hash>> hashes(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return std::nullopt;
  std::vector<chain::Hash> list;
  for (const auto& item : *found) {
    const auto hash =
        item.is_string() ? chain::hash_from_hex(item.get_ref<const std::string&>()) : std::nullopt;
    if (!hash) return std::nullopt;
    list.push_back(*hash);
  }
  return list;
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& file : fs::directory_iterator(folder, ignored)) {
    names.push_back(file.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::optional<Finding> check_kinds(const fs::path& bundle) {
  std::set<std::string> strange;
  std::error_code fault;
  for (fs::recursive_directory_iterator at(bundle, fault), end; !fault && at != end; at.increment(fault)) {
    const auto kind = at->symlink_status().type();
    if (kind == fs::file_type::regular || kind == fs::file_type::directory) continue;
    strange.insert(at->path().lexically_relative(bundle).generic_string());
  }
  if (strange.empty()) return std::nullopt;
  return of_file(Flaw::file_altered, *strange.begin(), in_both("不是普通文件", "it is no ordinary file"));
}

std::optional<BundleDescription> read_description(const fs::path& bundle) {
  const auto value = read_json(bundle / bundle::kDescription);
  if (!value || value->value("format", json()) != bundle::kFormat) return std::nullopt;
  const json kind = value->value("kind", json());
  if (kind != "full" && kind != "partial") return std::nullopt;
  BundleDescription description;
  description.partial = kind == "partial";
  const auto text = [&](const char* key) {
    const json found = value->value(key, json());
    return found.is_string() ? found.get<std::string>() : std::string();
  };
  description.ledger = text("ledger");
  description.suite = text("suite");
  description.size = number(*value, "size");
  if (!description.partial) return description;
  const auto entries = value->find("entries");
  if (entries == value->end() || !entries->is_array()) return std::nullopt;
  for (const auto& index : *entries) {
    if (!index.is_number_unsigned()) return std::nullopt;
    description.entries.push_back(index.get<std::uint64_t>());
  }
  const auto& list = description.entries;
  if (std::adjacent_find(list.begin(), list.end(), std::greater_equal<>()) != list.end()) {
    return std::nullopt;
  }
  return description;
}

bool read_bundle_checkpoints(const fs::path& bundle, const chain::VerifierKey& key,
                             Checkpoints& checkpoints) {
  const auto newest = read_file(bundle / bundle::kCheckpoint);
  if (newest.ok()) checkpoints.add(*newest, bundle::kCheckpoint, key);
  for (const auto& name : names_in(bundle / "checkpoints")) {
    const auto note = read_file(bundle / "checkpoints" / name);
    if (note.ok()) checkpoints.add(*note, "checkpoints/" + name, key);
  }
  return newest.ok();
}

std::optional<InclusionProof> read_entry_proof(const fs::path& bundle, std::uint64_t index) {
  const auto value = read_json(bundle / bundle::entry_proof(index));
  if (!value) return std::nullopt;
  const auto stated = number(*value, "index"), size = number(*value, "size");
  auto path = hashes(*value, "proof");
  const json leaf = value->value("leaf", json());
  const auto hash = leaf.is_string() ? chain::hash_from_hex(leaf.get<std::string>()) : std::nullopt;
  if (!stated || *stated != index || !size || !path || !hash) return std::nullopt;
  return InclusionProof{index, *size, *hash, std::move(*path)};
}

std::optional<std::vector<LineProof>> read_line_proofs(const fs::path& bundle,
                                                       std::uint64_t index) {
  const auto value = read_json(bundle / bundle::line_proofs(index));
  if (!value || number(*value, "index") != index) return std::nullopt;
  const auto lines = value->find("lines");
  if (lines == value->end() || !lines->is_array()) return std::nullopt;
  std::vector<LineProof> proofs;
  for (const auto& item : *lines) {
    if (!item.is_object()) return std::nullopt;
    const auto line = number(item, "line");
    auto path = hashes(item, "proof");
    if (!line || !path) return std::nullopt;
    proofs.push_back({*line, std::move(*path)});
  }
  return proofs;
}

std::optional<Finding> check_consistency_proofs(const fs::path& bundle, chain::Suite suite,
                                                const Checkpoints& checkpoints) {
  chain::Hasher hasher(suite);
  const auto& roots = checkpoints.valid();
  if (roots.empty()) return std::nullopt;
  for (auto old = roots.begin(); std::next(old) != roots.end(); ++old) {
    const auto fresh = std::next(old);
    const std::string file = bundle::consistency_proof(old->first, fresh->first);
    const auto value = read_json(bundle / file);
    if (!value) return of_file(Flaw::file_missing, file);
    const auto proof = hashes(*value, "proof");
    if (!proof || number(*value, "old_size") != old->first ||
        number(*value, "new_size") != fresh->first ||
        !chain::verify_consistency(hasher, old->first, fresh->first, old->second, fresh->second,
                                   *proof).ok()) {
      return of_file(Flaw::proof_mismatch, file);
    }
  }
  return std::nullopt;
}

std::optional<Finding> check_key_files(const fs::path& bundle, const chain::VerifierKey& key) {
  const std::pair<const char*, std::string> expected[] = {
      {bundle::kVerifierKey, chain::encode_verifier_key(key.name, key.key) + "\n"},
      {bundle::kPublicKey, key.key.to_pem()},
      {bundle::kFingerprint, key.key.fingerprint() + "\n"},
  };
  for (const auto& [file, content] : expected) {
    const auto found = read_file(bundle / file);
    if (!found.ok()) return of_file(Flaw::file_missing, file);
    if (*found != content) return of_file(Flaw::file_altered, file, in_both("不是本账套的公钥", "not the ledger's key"));
  }
  return std::nullopt;
}

std::optional<Finding> check_manifest(const fs::path& bundle) {
  const auto manifest = read_file(bundle / bundle::kManifest);
  if (!manifest.ok()) return of_file(Flaw::file_missing, bundle::kManifest);
  chain::Hasher sha256(chain::Suite::sha256_ed25519);
  std::set<std::string> named = {bundle::kManifest};
  for (std::string_view rest = *manifest; !rest.empty();) {
    const auto end = rest.find('\n');
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (end == std::string_view::npos || line.size() < 67 || line.substr(64, 2) != "  ") {
      return of_file(Flaw::file_altered, bundle::kManifest, in_both("有一行格式不对", "a line is malformed"));
    }
    const std::string file(line.substr(66));
    if (file.starts_with("/") || file.find("..") != file.npos || !named.insert(file).second) {
      return of_file(Flaw::file_altered, bundle::kManifest,
                     in_both("有文件名格式不对或重复", "a name is malformed or repeated"));
    }
    const auto content = read_file(bundle / file);
    if (!content.ok()) return of_file(Flaw::file_missing, file);
    if (chain::to_hex(sha256.digest(*content)) != line.substr(0, 64)) {
      return of_file(Flaw::file_altered, file,
                     in_both("其摘要与清单所载不符", "its digest is not that of the manifest"));
    }
  }
  std::set<std::string> unlisted;
  std::error_code fault;
  for (const auto& file : fs::recursive_directory_iterator(bundle, fault)) {
    if (file.is_directory()) continue;
    const std::string name = file.path().lexically_relative(bundle).generic_string();
    if (!named.contains(name)) unlisted.insert(name);
  }
  if (!unlisted.empty()) return of_file(Flaw::file_unlisted, *unlisted.begin());
  return std::nullopt;
}

}  // namespace fundtrail::audit
