#include "core/api/protobuf_writer.h"

#include <algorithm>
#include <cstring>

namespace orrery::api {

namespace {
constexpr std::uint32_t kVarint = 0, kFixed64 = 1, kBytes = 2;
}

char* ProtobufWriter::room(std::size_t size) {
    if (at_ < size) {
        const std::size_t written = buffer_.size() - at_;
        std::string larger(std::max<std::size_t>({256, buffer_.size() * 2, written + size}), '\0');
        at_ = larger.size() - written;
        std::memcpy(larger.data() + at_, buffer_.data() + (buffer_.size() - written), written);
        buffer_ = std::move(larger);
    }
    at_ -= size;
    return buffer_.data() + at_;
}

void ProtobufWriter::raw(std::string_view text) {
    if (!text.empty())
        std::memcpy(room(text.size()), text.data(), text.size());
}

void ProtobufWriter::varint(std::uint64_t value) {
    char digits[10];
    std::size_t count = 0;
    for (; value > 127; value >>= 7)
        digits[count++] = static_cast<char>((value & 127) | 128);
    digits[count++] = static_cast<char>(value);
    std::memcpy(room(count), digits, count);
}

void ProtobufWriter::number(std::uint32_t field, std::uint64_t value) {
    varint(value);
    varint(std::uint64_t{field} << 3 | kVarint);
}

void ProtobufWriter::fixed64(std::uint32_t field, std::uint64_t value) {
    char* to = room(8);
    for (int i = 0; i < 8; ++i)
        to[i] = static_cast<char>(value >> (8 * i));
    varint(std::uint64_t{field} << 3 | kFixed64);
}

void ProtobufWriter::bytes(std::uint32_t field, std::string_view content) {
    const std::size_t end = size();
    raw(content);
    close(field, end);
}

void ProtobufWriter::close(std::uint32_t field, std::size_t end) {
    varint(size() - end);
    varint(std::uint64_t{field} << 3 | kBytes);
}

std::string ProtobufWriter::take() {
    std::string out = buffer_.substr(at_);
    buffer_.clear();
    at_ = 0;
    return out;
}

} // namespace orrery::api
