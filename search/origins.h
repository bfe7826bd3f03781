// What a label's `origin` says beside the names of the strategies and kSampleOrigin (store/label_store.h).
#pragma once

namespace polar {

inline constexpr const char* kStandardOrigin = "standard";  // the standard program, which every strategy asks first
inline constexpr const char* kMinimiseOrigin = "minimise";  // a found program without one of its edits

}  // namespace polar
