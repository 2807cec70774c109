// The JSON value. The only header that names the JSON library (Boost.JSON).
//
// Objects keep the order of insertion; look-ups are by hash from 18 keys on. Integers stay integers
// (int64/uint64), so 3 and 3.0 differ in kind.
#pragma once
#include <atomic>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/error.h"

namespace orrery {

using Json = boost::json::value;
using JsonObject = boost::json::object;
using JsonArray = boost::json::array;
using JsonKind = boost::json::kind;
using JsonString = boost::json::string;
// What the library gives for a member's key.
using JsonStringView = boost::json::string_view;

// Nesting deeper than this is refused by parseJson (as by Kubernetes' own decoder).
inline constexpr int kJsonDepthMax = 250;

// Parses one JSON text. The error is a BadRequest that names line, column and what is wrong.
Result<Json> parseJson(std::string_view text);
// Compact JSON, keys in their order.
std::string serializeJson(const Json& value);

// --- reading; none of these fail, none of them copies
// ------------------------------------------------

// The value at a dotted path of object keys ("metadata.labels"), or nullptr. A key with dots in it
// can't be reached this way: use find(object, key).
const Json* findPath(const Json& root, std::string_view path);
// The member `key` of an object, or nullptr when `value` is no object or lacks it.
const Json* find(const Json& value, std::string_view key);
Json* find(Json& value, std::string_view key);
// The string at a dotted path, or `otherwise` when it is missing or no string.
std::string_view stringAt(const Json& root, std::string_view path, std::string_view otherwise = "");
// The integer at a dotted path (a whole double counts), or `otherwise`.
std::int64_t intAt(const Json& root, std::string_view path, std::int64_t otherwise = 0);
bool boolAt(const Json& root, std::string_view path, bool otherwise = false);
// The array or object at a dotted path, or a shared empty one.
const JsonArray& arrayAt(const Json& root, std::string_view path);
const JsonObject& objectAt(const Json& root, std::string_view path);
// A Json string's characters as a view; "" when it is no string.
std::string_view asString(const Json& value);

// Deep equality, whatever the order of keys. Boost 1.81's own operator== copies every member on the
// way.
bool sameValue(const Json& a, const Json& b);

// --- writing
// -------------------------------------------------------------------------------------------

// The member `key`, made (null) when it is missing. Unlike the library's operator[], which grows
// the object before it looks, this keeps references to its other members valid when the key is
// there already.
Json& ensureMember(JsonObject& object, std::string_view key);
// The value at a dotted path, with objects made on the way (what stands in the way is replaced).
Json& ensurePath(Json& root, std::string_view path);
// Sets the value at a dotted path: ensurePath(root, path) = value.
void setPath(Json& root, std::string_view path, Json value);
// Removes the member at a dotted path; nothing happens when it is not there.
void removePath(Json& root, std::string_view path);

// One immutable object as it is held everywhere: its JSON bytes, and the tree decoded at most once.
// bytes() may be read on any thread; everything else only on the plane thread.
class Encoded {
  public:
    explicit Encoded(std::string bytes) : bytes_(std::move(bytes)), written_(true) {}
    // Keeps `tree` decoded until dropTree(); it is written out by whoever asks for the bytes first,
    // which is the store's own thread for what is stored.
    explicit Encoded(Json tree);
    const std::string& bytes() const;
    // The decoded tree; `null` when the bytes are no JSON. The reference is valid until dropTree().
    const Json& tree() const;
    std::shared_ptr<const Json> sharedTree() const;
    // Gives the decoded tree's memory back (holders of sharedTree() keep it), unless it is kept.
    void dropTree() const {
        if (!kept_)
            tree_.reset();
    }
    // Who knows that the tree is needed again soon keeps it against dropTree()...
    void keepTree() const { kept_ = true; }
    // ... and takes it away afterwards. Null when nobody decoded it.
    std::shared_ptr<const Json> takeTree() const {
        kept_ = false;
        return std::exchange(tree_, nullptr);
    }

  private:
    mutable std::string bytes_;
    mutable std::shared_ptr<const Json> unwritten_; // until the bytes are there
    mutable std::atomic<bool> written_{false};
    mutable std::once_flag writing_;
    mutable std::shared_ptr<const Json> tree_;
    mutable bool kept_ = false;
};
using EncodedPtr = std::shared_ptr<const Encoded>;

} // namespace orrery
