// Question encoders and features that remember their results, because several policies or seeds read the same question.
#pragma once

#include <memory>

#include "train/question_encoder.h"
#include "train/question_features.h"

namespace polar {

enum class Memory {
  last,  // for each thread: its last question
  all,   // every question, as long as the object lives
};

std::shared_ptr<const QuestionEncoder> remembered(std::shared_ptr<const QuestionEncoder> encoder, Memory memory);
std::shared_ptr<const QuestionFeatures> remembered(std::shared_ptr<const QuestionFeatures> features, Memory memory);

}  // namespace polar
