#include "core/apiserver/pretty_json.h"

namespace orrery::apiserver {

namespace {
class Indenter {
  public:
    void take(std::string_view text) {
        for (const char c : text) {
            if (inString_)
                string(c);
            else
                structure(c);
        }
    }
    std::string& out() { return out_; }

  private:
    void string(char c) {
        out_.push_back(c);
        if (escaped_)
            escaped_ = false;
        else if (c == '\\')
            escaped_ = true;
        else if (c == '"')
            inString_ = false;
    }

    void structure(char c) {
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
            return;
        const bool closes = c == '}' || c == ']';
        if (opened_ && !closes)
            line();
        if (closes) {
            --depth_;
            if (!opened_)
                line();
        }
        opened_ = false;
        out_.push_back(c);
        if (c == '{' || c == '[') {
            ++depth_;
            opened_ = true;
        } else if (c == ',') {
            line();
        } else if (c == ':') {
            out_.push_back(' ');
        } else if (c == '"') {
            inString_ = true;
        }
    }

    void line() { out_.append(1, '\n').append(2 * depth_, ' '); }

    std::string out_;
    std::size_t depth_ = 0;
    bool inString_ = false, escaped_ = false;
    bool opened_ = false; // the last character was a bracket, and what follows is not known yet
};
} // namespace

std::string prettyJson(const std::vector<Slice>& slices) {
    std::size_t size = 0;
    for (const Slice& slice : slices)
        size += slice.bytes.size();
    Indenter indenter;
    indenter.out().reserve(size * 2);
    for (const Slice& slice : slices)
        indenter.take(slice.bytes);
    return std::move(indenter.out());
}

} // namespace orrery::apiserver
