// What only OpenAPI documents say of types (resources/api/openapi-v1.36.txt), and our own words for
// them (resources/api/words.txt). For this folder only.
#pragma once
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace orrery::api {

struct OpenApiFieldFacts {
    std::string_view name;
    std::string_view defaultJson;                   // "": none
    std::string_view values, itemValues, mapValues; // "A|B": what is permitted; "": anything
    std::string_view extension;                     // one more member: "\"x-...\":..."
    bool noListType = false;                        // a list that does not say how it merges
};

struct OpenApiTypeFacts {
    std::vector<OpenApiFieldFacts> fields; // by name
    std::string_view unions;               // JSON; "": none
    std::string_view version2, version3;   // whole definitions; "": made from the schema

    const OpenApiFieldFacts* field(std::string_view name) const;
};

// All of them; made at first use, then unchanged. Any thread.
class OpenApiFacts {
  public:
    static const OpenApiFacts& builtIn();
    // `type` is a full name; nullptr when there is nothing to say.
    const OpenApiTypeFacts* type(std::string_view type) const;
    // Our own words; "" when there are none. Types are known by the last part of their names.
    std::string_view describeType(std::string_view type) const;
    std::string_view describeField(std::string_view type, std::string_view field) const;
    // Changes with any of the facts or words.
    const std::string& digest() const { return digest_; }

  private:
    OpenApiFacts(std::string_view facts, std::string_view words);
    void readFacts(std::string_view text);
    void readWords(std::string_view text);

    // Looked up only. Views into the embedded texts.
    std::unordered_map<std::string_view, OpenApiTypeFacts> types_;
    std::unordered_map<std::string_view, std::string_view> words_; // "PodSpec.containers", "Pod"
    std::string digest_;
};

} // namespace orrery::api
