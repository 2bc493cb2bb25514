#include "api/bench/beside.h"

#include <fstream>

namespace fundtrail::api::bench {
namespace {

using Json = nlohmann::json;

cli::Message message(const Json& json, std::deque<std::string>& texts) {
  const auto keep = [&](const char* language) -> std::string_view {
    return texts.emplace_back(json.at(language).get<std::string>());
  };
  const auto zh = keep("zh");
  return {zh, keep("en")};
}

Section section(const Json& json, std::deque<std::string>& texts) {
  Section made{message(json.at("title"), texts), {}};
  for (const auto& one : json.at("figures")) {
    Figure figure;
    figure.name = one.at("name").get<std::string>();
    figure.label = message(one.at("label"), texts);
    figure.unit = one.at("unit").get<std::string>();
    figure.samples = one.at("samples").get<std::vector<double>>();
    figure.against = one.value("against", "");
    if (one.contains("note")) figure.note = message(one["note"], texts);
    made.figures.push_back(std::move(figure));
  }
  return made;
}

}  // namespace

Result<Beside> read_beside(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) return Error{Fault::not_found, "no file " + file.string()};
  Beside beside;
  try {
    const Json json = Json::parse(in);
    for (const auto& one : json.at("sections")) {
      beside.sections.push_back(section(one, beside.texts));
    }
  } catch (const Json::exception&) {
    return Error{Fault::unreadable, file.string() + " holds no figures"};
  }
  return beside;
}

}  // namespace fundtrail::api::bench
