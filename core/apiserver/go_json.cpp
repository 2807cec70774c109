#include "core/apiserver/go_json.h"

#include <cstdint>
#include <vector>

namespace orrery::apiserver {

namespace {
// The rune at `at`, as Go prints it in quotes.
std::string quoted(std::string_view text, std::size_t at) {
    const unsigned char c = static_cast<unsigned char>(text[at]);
    if (c == '\'')
        return "'\\''";
    if (c == '"')
        return "'\"'";
    if (c == '\n')
        return "'\\n'";
    if (c == '\r')
        return "'\\r'";
    if (c == '\t')
        return "'\\t'";
    if (c >= 0x20 && c < 0x7f)
        return std::string("'") + static_cast<char>(c) + "'";
    if (c < 0xa0) {
        static constexpr char kHex[] = "0123456789abcdef";
        return std::string("'\\x") + kHex[c >> 4] + kHex[c & 15] + "'";
    }
    // Go reads the byte as a code point of its own.
    return std::string("'") + static_cast<char>(0xc0 | c >> 6) +
           static_cast<char>(0x80 | (c & 0x3f)) + "'";
}

class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    std::string run() {
        value(0);
        if (error_.empty()) {
            space();
            if (at_ < text_.size())
                fail(" after top-level value");
        }
        return error_;
    }

  private:
    static constexpr int kDepthMax = 1000;

    void space() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' ||
                                      text_[at_] == '\n' || text_[at_] == '\r'))
            ++at_;
    }
    bool ended() {
        if (at_ < text_.size())
            return false;
        if (error_.empty())
            error_ = "unexpected end of JSON input";
        return true;
    }
    void fail(const std::string& where) {
        if (error_.empty())
            error_ = "invalid character " + quoted(text_, at_) + where;
    }
    void value(int depth) {
        space();
        if (ended())
            return;
        const char c = text_[at_];
        if (depth > kDepthMax)
            error_ = "exceeded max depth";
        else if (c == '{')
            object(depth);
        else if (c == '[')
            array(depth);
        else if (c == '"')
            string();
        else if (c == '-' || (c >= '0' && c <= '9'))
            number();
        else if (c == 't')
            literal("true");
        else if (c == 'f')
            literal("false");
        else if (c == 'n')
            literal("null");
        else
            fail(" looking for beginning of value");
    }
    void literal(std::string_view word) {
        for (std::size_t i = 0; i < word.size(); ++i, ++at_) {
            if (ended())
                return;
            if (text_[at_] != word[i])
                return fail(" in literal " + std::string(word) + " (expecting '" + word[i] + "')");
        }
    }
    void string() {
        for (++at_;; ++at_) {
            if (ended())
                return;
            const unsigned char c = static_cast<unsigned char>(text_[at_]);
            if (c == '"') {
                ++at_;
                return;
            }
            if (c < 0x20)
                return fail(" in string literal");
            if (c == '\\' && !escape())
                return;
        }
    }
    bool escape() {
        ++at_;
        if (ended())
            return false;
        if (text_[at_] == 'u') {
            for (int i = 0; i < 4; ++i) {
                ++at_;
                if (ended())
                    return false;
                const char c = text_[at_];
                if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) {
                    fail(" in \\u hexadecimal character escape");
                    return false;
                }
            }
            return true;
        }
        if (std::string_view("\"\\/bfnrt").find(text_[at_]) == std::string_view::npos) {
            fail(" in string escape code");
            return false;
        }
        return true;
    }
    bool digit() const { return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; }
    void digits(const char* where) {
        if (ended())
            return;
        if (!digit())
            return fail(where);
        while (digit())
            ++at_;
    }
    void number() {
        if (text_[at_] == '-')
            ++at_;
        if (ended())
            return;
        if (text_[at_] == '0')
            ++at_;
        else
            digits(" in numeric literal");
        if (error_.empty() && at_ < text_.size() && text_[at_] == '.') {
            ++at_;
            digits(" after decimal point in numeric literal");
        }
        if (error_.empty() && at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
            ++at_;
            if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-'))
                ++at_;
            digits(" in exponent of numeric literal");
        }
    }
    void object(int depth) {
        ++at_;
        space();
        if (!ended() && text_[at_] == '}') {
            ++at_;
            return;
        }
        while (error_.empty()) {
            space();
            if (ended())
                return;
            if (text_[at_] != '"')
                return fail(" looking for beginning of object key string");
            string();
            space();
            if (!error_.empty() || ended())
                return;
            if (text_[at_] != ':')
                return fail(" after object key");
            ++at_;
            value(depth + 1);
            space();
            if (!error_.empty() || ended())
                return;
            if (text_[at_] == '}') {
                ++at_;
                return;
            }
            if (text_[at_] != ',')
                return fail(" after object key:value pair");
            ++at_;
        }
    }
    void array(int depth) {
        ++at_;
        space();
        if (!ended() && text_[at_] == ']') {
            ++at_;
            return;
        }
        while (error_.empty()) {
            value(depth + 1);
            space();
            if (!error_.empty() || ended())
                return;
            if (text_[at_] == ']') {
                ++at_;
                return;
            }
            if (text_[at_] != ',')
                return fail(" after array element");
            ++at_;
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string error_;
};
} // namespace

std::string goSyntaxErrorOf(std::string_view text) {
    return Scanner(text).run();
}

} // namespace orrery::apiserver
