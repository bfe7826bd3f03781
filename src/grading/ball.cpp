#include "grading/ball.h"

#include "grading/values.h"
#include "support/random.h"

namespace polar {
namespace {

// |x| < 2^bits. Far larger values mean nothing as answers, and their exponentials would take long to refuse.
bool isBelow(const BallField::Value& x, slong bits) {
  mag_t bound;
  mag_init(bound);
  acb_get_mag(bound, x.get());
  const bool below = mag_cmp_2exp_si(bound, bits) < 0;
  mag_clear(bound);
  return below;
}

}  // namespace

bool BallField::set(Value& out, const Rational& value) const {
  acb_set_fmpq(out.get(), value.get(), kBits);
  return true;
}

bool BallField::symbol(Value& out, const std::string& name) const {
  if (name == "pi") {
    acb_const_pi(out.get(), kBits);
  } else if (name == "e") {
    acb_set_ui(out.get(), 1);
    acb_exp(out.get(), out.get(), kBits);
  } else if (name == "i") {
    acb_onei(out.get());
  } else {
    acb_set_d(out.get(), 0.5 + 3 * Random(point_, name).uniform());
  }
  return true;
}

void BallField::add(Value& out, const Value& b) const { acb_add(out.get(), out.get(), b.get(), kBits); }
void BallField::multiply(Value& out, const Value& b) const { acb_mul(out.get(), out.get(), b.get(), kBits); }
void BallField::negate(Value& out) const { acb_neg(out.get(), out.get()); }

bool BallField::divide(Value& out, const Value& b) const {
  acb_div(out.get(), out.get(), b.get(), kBits);
  return acb_is_finite(out.get());
}

bool BallField::power(Value& out, const Value& exponent) const {
  if (!isBelow(out, 1 << 20) || !isBelow(exponent, 20)) return false;
  acb_pow(out.get(), out.get(), exponent.get(), kBits);
  return acb_is_finite(out.get());
}

bool BallField::root(Value& out, unsigned degree) const {
  const bool realNegative = acb_is_real(out.get()) && arb_is_negative(acb_realref(out.get()));
  const bool reflect = realNegative && degree % 2 == 1;  // the real root of a negative number
  if (reflect) negate(out);
  if (acb_is_real(out.get()) && !arb_is_negative(acb_realref(out.get()))) {
    arb_root_ui(acb_realref(out.get()), acb_realref(out.get()), degree, kBits);
  } else {
    acb_root_ui(out.get(), out.get(), degree, kBits);
  }
  if (reflect) negate(out);
  return acb_is_finite(out.get());
}

bool BallField::function(Value& out, const std::string& name) const {
  if (!isBelow(out, 40)) return false;
  acb_struct* x = out.get();
  if (name == "sin")
    acb_sin(x, x, kBits);
  else if (name == "cos")
    acb_cos(x, x, kBits);
  else if (name == "tan")
    acb_tan(x, x, kBits);
  else if (name == "cot")
    acb_cot(x, x, kBits);
  else if (name == "sec")
    acb_sec(x, x, kBits);
  else if (name == "csc")
    acb_csc(x, x, kBits);
  else if (name == "arcsin")
    acb_asin(x, x, kBits);
  else if (name == "arccos")
    acb_acos(x, x, kBits);
  else if (name == "arctan")
    acb_atan(x, x, kBits);
  else if (name == "ln" || name == "log")
    acb_log(x, x, kBits);
  else if (name == "exp")
    acb_exp(x, x, kBits);
  else
    return false;
  return acb_is_finite(x);
}

bool BallField::smallInteger(const Value& value, unsigned long& out) const {
  fmpz_t integer;
  fmpz_init(integer);
  const bool small =
      acb_get_unique_fmpz(integer, value.get()) && fmpz_sgn(integer) >= 0 && fmpz_cmp_ui(integer, kMaxSmall) <= 0;
  if (small) out = fmpz_get_ui(integer);
  fmpz_clear(integer);
  return small;
}

}  // namespace polar
