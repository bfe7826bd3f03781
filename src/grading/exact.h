// Exact numbers (Calcium): algebraic numbers, pi, e, logarithms. Bounded in digits, exponents and roots.
#pragma once

#include <string>

#include "grading/literal.h"

namespace polar {

class ExactField {
 public:
  class Value {
   public:
    explicit Value(const ExactField& field) : field_(field) { ca_init(number_, field.context()); }
    ~Value() { ca_clear(number_, field_.context()); }
    Value(const Value&) = delete;
    Value& operator=(const Value&) = delete;
    ca_struct* get() { return number_; }
    const ca_struct* get() const { return number_; }

   private:
    const ExactField& field_;
    ca_t number_;
  };

  ExactField();
  ~ExactField();
  ExactField(const ExactField&) = delete;
  ExactField& operator=(const ExactField&) = delete;

  // Calcium fills caches in its context; a fresh one per comparison keeps verdicts independent of history.
  ca_ctx_struct* context() const { return context_; }

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
  bool isUsable(const Value& value) const;

  mutable ca_ctx_t context_;
};

}  // namespace polar
