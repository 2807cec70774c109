#include "core/apiserver/gzip.h"

#include <zlib.h>

#include <limits>

namespace orrery::apiserver {

namespace {
constexpr int kLevel = 1;
constexpr int kGzipWindow = 15 + 16; // zlib's spelling of "with gzip's head"

class Deflater {
  public:
    Deflater() {
        good_ =
            deflateInit2(&stream_, kLevel, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    }
    ~Deflater() {
        if (good_)
            deflateEnd(&stream_);
    }
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;

    bool add(std::string_view bytes, bool last) {
        if (!good_ || bytes.size() > std::numeric_limits<uInt>::max())
            return false;
        // zlib reads through a pointer to non-const.
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
        stream_.avail_in = static_cast<uInt>(bytes.size());
        int code = Z_OK;
        do {
            stream_.next_out = buffer_;
            stream_.avail_out = sizeof buffer_;
            code = deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH);
            out_.append(reinterpret_cast<char*>(buffer_), sizeof buffer_ - stream_.avail_out);
        } while (stream_.avail_out == 0 && code == Z_OK);
        return last ? code == Z_STREAM_END : code == Z_OK || code == Z_BUF_ERROR;
    }
    std::string take() { return std::move(out_); }

  private:
    z_stream stream_{};
    bool good_ = false;
    Bytef buffer_[64 << 10];
    std::string out_;
};
} // namespace

bool acceptsGzip(std::string_view acceptEncoding) {
    while (!acceptEncoding.empty()) {
        const std::size_t comma = std::min(acceptEncoding.find(','), acceptEncoding.size());
        std::string_view one = acceptEncoding.substr(0, comma);
        acceptEncoding.remove_prefix(std::min(comma + 1, acceptEncoding.size()));
        while (!one.empty() && one.front() == ' ')
            one.remove_prefix(1);
        while (!one.empty() && one.back() == ' ')
            one.remove_suffix(1);
        if (one == "gzip")
            return true;
    }
    return false;
}

std::string gzip(const std::vector<Slice>& body) {
    const auto deflater = std::make_unique<Deflater>();
    for (const Slice& slice : body)
        if (!slice.bytes.empty() && !deflater->add(slice.bytes, false))
            return {};
    return deflater->add({}, true) ? deflater->take() : std::string();
}

} // namespace orrery::apiserver
