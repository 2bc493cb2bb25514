#include "api/http/masking.h"

#include "api/http/sealed.h"

#include <catch2/catch.hpp>

namespace fundtrail::api {

TEST_CASE("what a client carries and may not read comes back as it was, or not at all") {
  for (const std::string text : {"", "WJ0804-00000001", "ABCDEFGHIJKLMNOP-99999999"}) {
    const auto seal = sealed(text);
    CHECK(unsealed(seal) == text);
    CHECK(sealed(text) != seal);
    CHECK((text.empty() || seal.find(text) == seal.npos));
    for (std::size_t i = 0; i < seal.size(); ++i) {
      auto other = seal;
      other[i] = other[i] == '0' ? '1' : '0';
      CHECK(!unsealed(other));
    }
    CHECK(!unsealed(seal.substr(2)));
    CHECK(!unsealed(seal + "00"));
  }
  for (const std::string text : {"", "x", "WJ0804-00000001"}) CHECK(!unsealed(text));
  CHECK(!unsealed(std::string(1 << 20, '0')));
}

TEST_CASE("what is shown of a person to those who need not know it") {
  struct Row {
    std::string (*mask)(std::string_view);
    const char* text;
    const char* shown;
  };
  const Row rows[] = {
      {mask_name, "张三", "张*"},
      {mask_name, "欧阳娜娜", "欧***"},
      {mask_name, "张", "*"},
      {mask_name, "", "*"},
      {mask_name, "买买提·艾力", "买*****"},
      {mask_name, "𠮷野", "𠮷*"},
      {mask_id_number, "320412194107309666", "3204**********9666"},
      {mask_id_number, "320412410730966", "3204*******0966"},  // of the first generation
      {mask_id_number, "H12345678", "*********"},                // too short to show half of it
      {mask_id_number, "", ""},
      {mask_phone, "13812341234", "138****1234"},
      {mask_phone, "0519-86301234", "051******1234"},
      {mask_phone, "86301234", "********"},
      {mask_phone, "110", "***"},
      {mask_address, "江苏省常州市武进区湖塘镇延政中路1号", "江苏省常州市****"},
      {mask_address, "湖塘镇花园村12号", "****"},
      {mask_address, "", "****"},
  };
  for (const auto& row : rows) {
    INFO(row.text);
    CHECK(row.mask(row.text) == row.shown);
  }
}

}  // namespace fundtrail::api
