// A trained model of a menu, as a policy sees it.
#pragma once

#include <ATen/core/TensorBody.h>

#include "train/menu_choice.h"

namespace polar {

// Thread-safe for asking.
class MenuModel {
 public:
  explicit MenuModel(MenuChoice ofMenu) : choice(std::move(ofMenu)) {}
  virtual ~MenuModel() = default;

  virtual int inputWidth() const = 0;  // of the question features
  // How likely each program is right: [K], from question features [inputWidth] (InputError on another width); or [Q, K]
  // from [Q, inputWidth].
  virtual at::Tensor probabilities(const at::Tensor& features) const = 0;

  MenuChoice choice;

 protected:
  // InputError where features have another width. who: "value model".
  void requireWidth(const at::Tensor& features, const char* who) const;
};

}  // namespace polar
