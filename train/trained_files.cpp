#include "train/trained_files.h"

#include <ATen/ATen.h>

#include "support/files.h"
#include "support/hash.h"
#include "support/json.h"
#include "weights/weight_values.h"

namespace polar {

namespace fs = std::filesystem;

std::string extentsText(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return text + "]";
}

void writeTrained(const fs::path& folder, const std::string& name, const std::map<std::string, at::Tensor>& tensors,
                  OrderedJson description) {
  requireWritableFolder(folder);
  std::vector<at::Tensor> kept;  // the spans below point into these
  std::vector<NamedTensor> named;
  for (const auto& [key, value] : tensors) {
    kept.push_back(value.detach().contiguous());
    named.push_back(
        {key, value.sizes().vec(), {kept.back().data_ptr<float>(), static_cast<std::size_t>(kept.back().numel())}});
  }
  const fs::path weights = folder / (name + ".safetensors");
  writeSafetensors(weights, named);
  description["weights_sha256"] = sha256File(weights);
  writeFileAtomically(folder / (name + ".json"), description.dump(2) + "\n");
}

TrainedFiles::TrainedFiles(const fs::path& folder, const std::string& name, const std::string& format,
                           const std::string& what)
    : where_((folder / (name + ".json")).string()), weightsWhere_((folder / (name + ".safetensors")).string()),
      what_(what) {
  for (const std::string& file : {where_, weightsWhere_})
    if (std::error_code ignored; !fs::exists(file, ignored))
      throw InputError(file, "no such file", what, "run polar train CONFIG first");
  description_ = parseJsonAs<OrderedJson>(readFile(where_), where_, "JSON of format " + format, kTrainAgain);
  if (!description_.is_object() || description_.value("format", OrderedJson()) != format)
    throw InputError(where_, "no description of " + what, "JSON of format " + format, kTrainAgain);
  const std::string digest = sha256File(weightsWhere_);
  if (description_.value("weights_sha256", OrderedJson()) != digest)
    throw InputError(weightsWhere_, "SHA-256 " + digest, "the one that " + name + ".json names",
                     "the two files are of different trainings: train again");
  weights_ = openSafetensors(weightsWhere_);
}

void TrainedFiles::requireDepth(int depth, int expected) const {
  if (expected != 0 && depth != expected)
    throw InputError(where_, what_ + " for a model of " + std::to_string(depth) + " layers",
                     std::to_string(expected) + " layers", "train one for this model: polar train CONFIG");
}

void TrainedFiles::requireTensor(const std::string& tensor, const std::vector<std::int64_t>& shape) const {
  const std::string where = weightsWhere_ + ": tensor " + tensor;
  if (!weights_->has(tensor)) throw InputError(where, "no such tensor", extentsText(shape), kTrainAgain);
  if (weights_->shape(tensor) != shape)
    throw InputError(where, "shape " + extentsText(weights_->shape(tensor)), extentsText(shape), kTrainAgain);
}

void TrainedFiles::read(const std::string& tensor, at::Tensor value) const {
  requireTensor(tensor, value.sizes().vec());
  readWeights(*weights_, tensor, {value.data_ptr<float>(), static_cast<std::size_t>(value.numel())}, weightsWhere_);
}

}  // namespace polar
