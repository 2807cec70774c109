// Which protobuf fields the API's messages have (resources/api/protobuf-v1.36.txt), for this folder
// only.
#pragma once
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace orrery::api {

struct ProtobufMessage;

struct ProtobufField {
    std::uint32_t number = 0;
    std::string_view name; // "^": the members of the message stand among its parent's
    enum class Label : std::uint8_t { Single, List, Map } label = Label::Single;
    char type = 0; // the letter of a scalar (see protobuf.py); 0: a message
    const ProtobufMessage* message = nullptr;
};

struct ProtobufMessage {
    std::vector<ProtobufField> fields; // by number; few enough to be searched one by one

    const ProtobufField* field(std::uint32_t number) const;
};

// All of them; made at first use, then unchanged. Any thread.
class ProtobufFacts {
  public:
    static const ProtobufFacts& builtIn();
    // The message of a body of that type, or nullptr.
    const ProtobufMessage* body(std::string_view apiVersion, std::string_view kind) const;
    // Which bodies a type's message stands for, as apiVersion and kind; empty for a part of others.
    // `type` is a full name.
    const std::vector<std::pair<std::string_view, std::string_view>>&
    kindsOf(std::string_view type) const;
    // The schema of a CustomResourceDefinition, which its either-or types hold.
    const ProtobufMessage& schemaProps() const { return *schemaProps_; }

  private:
    explicit ProtobufFacts(std::string_view text);
    void addMessage(std::string_view rest);

    std::map<std::string_view, ProtobufMessage> messages_;      // by name
    using Body = std::pair<std::string_view, std::string_view>; // apiVersion and kind
    std::map<Body, const ProtobufMessage*> bodies_;
    std::map<std::string_view, std::vector<Body>> kinds_; // by message
    const ProtobufMessage* schemaProps_ = nullptr;
};

} // namespace orrery::api
