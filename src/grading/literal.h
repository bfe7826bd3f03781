// The rational number that a literal means.
#pragma once

#include <string>

#include "grading/calcium.h"

namespace polar {

class Rational {
 public:
  Rational() { fmpq_init(value_); }
  ~Rational() { fmpq_clear(value_); }
  Rational(const Rational&) = delete;
  Rational& operator=(const Rational&) = delete;
  fmpq* get() { return value_; }
  const fmpq* get() const { return value_; }

 private:
  fmpq_t value_;
};

// "12.5", "0.1(6)" (= 1/6), "4.5e33". False beyond 2000 digits or a power of ten beyond 1000.
bool readLiteral(const std::string& literal, Rational& out);

// The digits of a number in another base: "1101" in base 2. False for a digit the base does not have.
bool readBased(const std::string& digits, unsigned base, Rational& out);

}  // namespace polar
