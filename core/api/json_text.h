// Writes JSON as text, without a tree: for documents that are large and only sent. For this folder
// only.
#pragma once
#include <string>
#include <string_view>

#include "core/base/json.h"

namespace orrery::api {

class JsonText {
  public:
    explicit JsonText(std::string begun = {}) : out_(std::move(begun)) {}

    // Commas come by themselves: between a value and what follows it.
    JsonText& open(char bracket) {
        comma();
        out_ += bracket;
        return *this;
    }
    JsonText& close(char bracket) {
        out_ += bracket;
        return *this;
    }
    JsonText& key(std::string_view name) {
        comma();
        quote(name);
        out_ += ':';
        return *this;
    }
    JsonText& text(std::string_view value) {
        comma();
        quote(value);
        return *this;
    }
    // A value that is JSON already.
    JsonText& raw(std::string_view json) {
        comma();
        out_ += json;
        return *this;
    }
    JsonText& member(std::string_view name, std::string_view value) {
        return key(name).text(value);
    }
    std::string& out() { return out_; }

  private:
    void comma() {
        if (!out_.empty() && out_.back() != '{' && out_.back() != '[' && out_.back() != ':')
            out_ += ',';
    }
    void quote(std::string_view value) {
        const bool plain = value.find_first_of("\"\\\n\t") == std::string_view::npos;
        if (plain)
            out_.append(1, '"').append(value).append(1, '"');
        else
            out_ += serializeJson(Json(value));
    }
    std::string out_;
};

} // namespace orrery::api
