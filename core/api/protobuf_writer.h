// Writes protobuf messages from their end to their beginning, for this folder only. So a message's
// length is known when its head is written, and nothing is built twice:
//
//   ProtobufWriter out;
//   const std::size_t end = out.size();
//   out.bytes(2, "second");
//   out.bytes(1, "first");
//   out.close(7, end);              // both are field 7 now
//   std::string message = out.take();
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace orrery::api {

class ProtobufWriter {
  public:
    // What was written so far.
    std::size_t size() const { return buffer_.size() - at_; }
    void raw(std::string_view text);
    void varint(std::uint64_t value);
    void number(std::uint32_t field, std::uint64_t value);
    void fixed64(std::uint32_t field, std::uint64_t value);
    void bytes(std::uint32_t field, std::string_view content);
    // Makes what was written since size() was `end` the content of a field.
    void close(std::uint32_t field, std::size_t end);
    std::string take();

  private:
    char* room(std::size_t size);
    std::string buffer_;
    std::size_t at_ = 0; // everything from here on is written
};

} // namespace orrery::api
