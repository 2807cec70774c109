#include "core/controllers/template_hash.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace orrery::controllers {

namespace {
constexpr std::string_view kAlphabet =
    "bcdfghjklmnpqrstvwxz2456789"; // no vowels: no words by accident

class Fnv32a {
  public:
    void add(std::string_view bytes) {
        for (const char byte : bytes) {
            hash_ ^= static_cast<unsigned char>(byte);
            hash_ *= 16777619U;
        }
    }
    std::uint32_t value() const { return hash_; }

  private:
    std::uint32_t hash_ = 2166136261U;
};

// Feeds `value` with the keys of objects sorted.
void addCanonical(Fnv32a& hash, const Json& value) {
    if (const JsonObject* object = value.if_object()) {
        std::vector<std::string_view> keys;
        for (const auto& member : *object)
            keys.push_back(member.key());
        std::sort(keys.begin(), keys.end());
        hash.add("{");
        for (const std::string_view key : keys) {
            hash.add(key);
            hash.add(":");
            addCanonical(hash, object->at(key));
            hash.add(",");
        }
        hash.add("}");
    } else if (const JsonArray* array = value.if_array()) {
        hash.add("[");
        for (const Json& item : *array) {
            addCanonical(hash, item);
            hash.add(",");
        }
        hash.add("]");
    } else {
        hash.add(serializeJson(value));
    }
}
} // namespace

// DIVERGES: Kubernetes hashes a dump of its Go structures, which nothing else can reproduce; this
// hashes the canonical JSON. The spelling (alphabet, length) is the same.
std::string contentHash(const Json& value, std::optional<int> collisionCount) {
    Fnv32a hash;
    addCanonical(hash, value);
    if (collisionCount)
        hash.add(std::to_string(*collisionCount));
    std::string out = std::to_string(hash.value());
    for (char& letter : out)
        letter = kAlphabet[static_cast<unsigned char>(letter) % kAlphabet.size()];
    return out;
}

std::string podTemplateHash(const Json& podTemplate, std::optional<int> collisionCount) {
    return contentHash(podTemplate, collisionCount);
}

} // namespace orrery::controllers
