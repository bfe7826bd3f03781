#include "grading/literal.h"

#include <algorithm>

#include "grading/characters.h"

namespace polar {
namespace {

constexpr std::size_t kMaxDigits = 2000;
constexpr unsigned long kMaxTens = 1000;

class Integer {
 public:
  Integer() { fmpz_init(value_); }
  ~Integer() { fmpz_clear(value_); }
  Integer(const Integer&) = delete;
  Integer& operator=(const Integer&) = delete;
  fmpz* get() { return value_; }

 private:
  fmpz_t value_;
};

void setDigits(Integer& out, const std::string& digits) { fmpz_set_str(out.get(), digits.c_str(), 10); }

void setTens(Integer& out, unsigned long power) {
  fmpz_set_ui(out.get(), 10);
  fmpz_pow_ui(out.get(), out.get(), power);
}

// Splits "12.3(45)e-6" at its signs.
struct Pieces {
  std::string whole, places, repeating;
  bool negativeTens = false;
  unsigned long tens = 0;
};

bool split(const std::string& literal, Pieces& pieces) {
  if (literal.size() > kMaxDigits) return false;
  std::string* target = &pieces.whole;
  std::size_t i = 0;
  for (; i < literal.size() && literal[i] != 'e'; ++i) {
    if (literal[i] == '.') target = &pieces.places;
    if (literal[i] == '(') target = &pieces.repeating;
    if (isDigit(literal[i])) *target += literal[i];
  }
  for (; i < literal.size(); ++i) {
    if (literal[i] == '-') pieces.negativeTens = true;
    if (isDigit(literal[i]))
      pieces.tens = std::min(pieces.tens * 10 + static_cast<unsigned long>(literal[i] - '0'), kMaxTens + 1);
  }
  if (pieces.whole.empty()) pieces.whole.push_back('0');
  return pieces.tens <= kMaxTens;
}

}  // namespace

bool readLiteral(const std::string& literal, Rational& out) {
  Pieces pieces;
  if (!split(literal, pieces)) return false;
  Integer top, bottom, scale;
  setDigits(top, pieces.whole + pieces.places + pieces.repeating);
  setTens(bottom, pieces.places.size());
  if (!pieces.repeating.empty()) {  // 0.1666… = (16 - 1) / (10 * 9)
    Integer head;
    setDigits(head, pieces.whole + pieces.places);
    fmpz_sub(top.get(), top.get(), head.get());
    setTens(scale, pieces.repeating.size());
    fmpz_sub_ui(scale.get(), scale.get(), 1);
    fmpz_mul(bottom.get(), bottom.get(), scale.get());
  }
  setTens(scale, pieces.tens);
  Integer& scaled = pieces.negativeTens ? bottom : top;
  fmpz_mul(scaled.get(), scaled.get(), scale.get());
  fmpq_set_fmpz_frac(out.get(), top.get(), bottom.get());
  return true;
}

bool readBased(const std::string& digits, unsigned base, Rational& out) {
  if (digits.size() > kMaxDigits || base < 2) return false;
  Integer value;
  for (const char c : digits) {
    if (!isDigit(c) || static_cast<unsigned>(c - '0') >= base) return false;
    fmpz_mul_ui(value.get(), value.get(), base);
    fmpz_add_ui(value.get(), value.get(), static_cast<unsigned long>(c - '0'));
  }
  fmpq_set_fmpz(out.get(), value.get());
  return true;
}

}  // namespace polar
