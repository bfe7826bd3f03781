// Complex balls (Arb): every operation encloses the true result.
#pragma once

#include <string>

#include "grading/literal.h"

namespace polar {

class BallField {
 public:
  static constexpr slong kBits = 256;
  static constexpr unsigned long kMaxSmall =
      2500;  // of factorials and the like: enough to distinguish 1/2004! and 2/2004!

  class Value {
   public:
    explicit Value(const BallField&) { acb_init(ball_); }
    ~Value() { acb_clear(ball_); }
    Value(const Value&) = delete;
    Value& operator=(const Value&) = delete;
    acb_struct* get() { return ball_; }
    const acb_struct* get() const { return ball_; }

   private:
    acb_t ball_;
  };

  // point: which of the fixed values the symbols take.
  explicit BallField(unsigned point) : point_(point) {}

  bool set(Value& out, const Rational& value) const;
  bool symbol(Value& out, const std::string& name) const;
  void add(Value& out, const Value& b) const;
  void multiply(Value& out, const Value& b) const;
  void negate(Value& out) const;
  bool divide(Value& out, const Value& b) const;
  bool power(Value& out, const Value& exponent) const;
  bool root(Value& out, unsigned degree) const;
  bool function(Value& out, const std::string& name) const;
  bool smallInteger(const Value& value, unsigned long& out) const;

 private:
  unsigned point_;
};

}  // namespace polar
