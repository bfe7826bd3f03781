#include "grading/exact.h"

namespace polar {
namespace {

constexpr slong kMaxBits = 50000;        // of a rational
constexpr unsigned long kMaxPower = 30;  // of an irrational

slong bitsOf(const fmpq* value) {
  return static_cast<slong>(fmpz_bits(fmpq_numref(value)) + fmpz_bits(fmpq_denref(value)));
}

}  // namespace

ExactField::ExactField() {
  ca_ctx_init(context_);
  // Answers need no more; what would is left undecided rather than searched for.
  ca_ctx_set_option(context_, CA_OPT_PREC_LIMIT, 512);
  ca_ctx_set_option(context_, CA_OPT_QQBAR_DEG_LIMIT, 24);
  ca_ctx_set_option(context_, CA_OPT_USE_GROEBNER, 0);
}

ExactField::~ExactField() { ca_ctx_clear(context_); }

bool ExactField::isUsable(const Value& value) const {
  if (CA_IS_SPECIAL(value.get())) return false;  // infinities, undefined, unknown
  return !CA_IS_QQ(value.get(), context_) || bitsOf(CA_FMPQ(value.get())) <= kMaxBits;
}

bool ExactField::set(Value& out, const Rational& value) const {
  ca_set_fmpq(out.get(), value.get(), context_);
  return isUsable(out);
}

bool ExactField::symbol(Value& out, const std::string& name) const {
  if (name == "pi") {
    ca_pi(out.get(), context_);
  } else if (name == "i") {
    ca_i(out.get(), context_);
  } else if (name == "e") {
    ca_one(out.get(), context_);
    ca_exp(out.get(), out.get(), context_);
  } else {
    return false;
  }
  return true;
}

void ExactField::add(Value& out, const Value& b) const { ca_add(out.get(), out.get(), b.get(), context_); }
void ExactField::multiply(Value& out, const Value& b) const { ca_mul(out.get(), out.get(), b.get(), context_); }
void ExactField::negate(Value& out) const { ca_neg(out.get(), out.get(), context_); }

bool ExactField::divide(Value& out, const Value& b) const {
  ca_div(out.get(), out.get(), b.get(), context_);
  return isUsable(out);
}

bool ExactField::power(Value& out, const Value& exponent) const {
  if (!isUsable(out) || !isUsable(exponent)) return false;
  if (CA_IS_QQ(exponent.get(), context_) && fmpz_is_one(CA_FMPQ_DENREF(exponent.get()))) {
    if (!fmpz_fits_si(CA_FMPQ_NUMREF(exponent.get()))) return false;
    const slong n = fmpz_get_si(CA_FMPQ_NUMREF(exponent.get()));
    const unsigned long size = n < 0 ? 0UL - static_cast<unsigned long>(n) : static_cast<unsigned long>(n);
    if (size > static_cast<unsigned long>(kMaxBits)) return false;
    if (CA_IS_QQ(out.get(), context_)) {
      if (bitsOf(CA_FMPQ(out.get())) * static_cast<slong>(size) > kMaxBits) return false;
    } else if (size > kMaxPower) {
      return false;
    }
  }
  ca_pow(out.get(), out.get(), exponent.get(), context_);
  return isUsable(out);
}

bool ExactField::root(Value& out, unsigned degree) const {
  if (!isUsable(out)) return false;
  if (degree == 2) {
    ca_sqrt(out.get(), out.get(), context_);
    return isUsable(out);
  }
  const bool reflect = degree % 2 == 1 && ca_check_is_negative_real(out.get(), context_) == T_TRUE;
  if (reflect) negate(out);
  Value exponent(*this);
  ca_one(exponent.get(), context_);
  ca_div_ui(exponent.get(), exponent.get(), degree, context_);
  ca_pow(out.get(), out.get(), exponent.get(), context_);
  if (reflect) negate(out);
  return isUsable(out);
}

bool ExactField::function(Value& out, const std::string& name) const {
  ca_struct* x = out.get();
  Value other(*this);
  if (name == "sin")
    ca_sin_cos(x, other.get(), x, context_);
  else if (name == "cos")
    ca_sin_cos(other.get(), x, x, context_);
  else if (name == "tan")
    ca_tan(x, x, context_);
  else if (name == "cot")
    ca_cot(x, x, context_);
  else if (name == "sec")
    ca_sin_cos(other.get(), x, x, context_), ca_inv(x, x, context_);
  else if (name == "csc")
    ca_sin_cos(x, other.get(), x, context_), ca_inv(x, x, context_);
  else if (name == "arcsin")
    ca_asin(x, x, context_);
  else if (name == "arccos")
    ca_acos(x, x, context_);
  else if (name == "arctan")
    ca_atan(x, x, context_);
  else if (name == "ln" || name == "log")
    ca_log(x, x, context_);
  else if (name == "exp")
    ca_exp(x, x, context_);
  else
    return false;
  return isUsable(out);
}

bool ExactField::smallInteger(const Value& value, unsigned long& out) const {
  if (!isUsable(value) || !CA_IS_QQ(value.get(), context_) || !fmpz_is_one(CA_FMPQ_DENREF(value.get()))) return false;
  const fmpz* integer = CA_FMPQ_NUMREF(value.get());
  if (fmpz_sgn(integer) < 0 || fmpz_cmp_ui(integer, 200) > 0) return false;
  out = fmpz_get_ui(integer);
  return true;
}

}  // namespace polar
