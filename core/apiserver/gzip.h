// gzip of answers, for a worker thread.
#pragma once
#include <string>
#include <vector>

#include "core/apiserver/http_message.h"

namespace orrery::apiserver {

// Answers of this size and more are compressed for callers that accept it.
inline constexpr std::size_t kGzipBytesMin = 128 << 10;

// Whether an Accept-Encoding header names gzip, as Kubernetes reads it: without weights.
bool acceptsGzip(std::string_view acceptEncoding);
// Quick rather than small. Empty: zlib could not.
std::string gzip(const std::vector<Slice>& body);

} // namespace orrery::apiserver
