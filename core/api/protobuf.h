// Kubernetes' protobuf encoding of objects, as client-go and kubectl send and ask for it.
//
//   "k8s\0" Unknown{ typeMeta{apiVersion, kind}, raw, contentEncoding, contentType }
//
// with the object's own message in `raw`. Any thread.
#pragma once
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/json.h"

namespace orrery::api {

// The media type of such a body.
inline constexpr std::string_view kProtobufMediaType = "application/vnd.kubernetes.protobuf";

// The object that `body` encodes, as its JSON form with apiVersion and kind. Zero values that the
// encoding spells out are in it; normalise() drops them. BadRequest says what is wrong.
Result<Json> decodeProtobuf(std::string_view body);

// Whether things of that kind have a protobuf form: everything built in does, custom kinds don't.
bool hasProtobuf(std::string_view apiVersion, std::string_view kind);

// An object in its envelope.
struct ProtobufForm {
    std::string bytes;
    std::size_t messageAt = 0, messageSize = 0;
    // The object without its envelope, as it stands in a list.
    std::string_view message() const {
        return std::string_view(bytes).substr(messageAt, messageSize);
    }
};

// `object` says its kind and apiVersion; `kind` and `apiVersion` stand in for what it leaves out
// (documents of discovery). InternalError when it is none that such a message can hold.
Result<ProtobufForm> encodeProtobuf(const Json& object, std::string_view apiVersion = {},
                                    std::string_view kind = {});

// A list is sent around its items' shared messages: head, then for each item its own head and its
// message, then the tail.
class ProtobufList {
  public:
    // `listKind` in `apiVersion` must have a protobuf form.
    ProtobufList(std::string_view apiVersion, std::string_view listKind);
    // What precedes an item's message; counts the item.
    std::string itemHead(std::size_t messageSize);
    // Once every item has had its head. `metadata` is a ListMeta.
    Result<std::string> head(const Json& metadata) const;
    static std::string_view tail();

  private:
    std::string apiVersion_, listKind_;
    std::uint32_t itemsField_ = 0, metadataField_ = 0;
    std::size_t itemsSize_ = 0;
};

// What precedes the enveloped object of one watch event in a stream: the frame's length, the
// event's type and the object's length. Nothing follows the object.
std::string protobufEventHead(std::string_view type, std::size_t objectSize);

} // namespace orrery::api
