#include "train/menu_model.h"

#include "support/error.h"

namespace polar {

void MenuModel::requireWidth(const at::Tensor& features, const char* who) const {
  if (features.size(-1) != inputWidth())
    throw InputError(who, "question features of width " + std::to_string(features.size(-1)),
                     std::to_string(inputWidth()),
                     "use the model and train.value.layers that it was trained with, or train again");
}

}  // namespace polar
