#include "core/api/validation/pem.h"

#include <cstdint>

#include "core/base/base64.h"

namespace orrery::api {

namespace {
constexpr std::string_view kDash = "-----";

// Whether the bytes are one DER sequence, as long as it says.
bool isSequence(std::string_view bytes) {
    if (bytes.size() < 2 || bytes[0] != 0x30)
        return false;
    const auto byte = [&bytes](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    std::size_t length = byte(1), head = 2;
    if (length >= 0x80) {
        const std::size_t count = length & 0x7f;
        if (count == 0 || count > 4 || bytes.size() < 2 + count)
            return false;
        length = 0;
        for (std::size_t i = 0; i < count; ++i)
            length = length << 8 | byte(2 + i);
        head = 2 + count;
    }
    return bytes.size() == head + length;
}

std::string_view lineOf(std::string_view& left) {
    const std::size_t end = left.find('\n');
    std::string_view line = left.substr(0, end);
    left.remove_prefix(end == std::string_view::npos ? left.size() : end + 1);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
        line.remove_suffix(1);
    return line;
}

// "-----BEGIN X-----": X.
std::string_view typeOf(std::string_view line, std::string_view word) {
    const std::string lead = std::string(kDash) + std::string(word) + " ";
    if (!line.starts_with(lead) || !line.ends_with(kDash) ||
        line.size() < lead.size() + kDash.size())
        return {};
    return line.substr(lead.size(), line.size() - lead.size() - kDash.size());
}
} // namespace

std::vector<PemBlock> pemBlocks(std::string_view left) {
    std::vector<PemBlock> blocks;
    while (!left.empty()) {
        const std::string_view type = typeOf(lineOf(left), "BEGIN");
        if (type.empty())
            continue;
        PemBlock block;
        block.type = type;
        std::string body;
        std::string_view rest = left;
        bool ended = false;
        while (!rest.empty() && !ended) {
            const std::string_view line = lineOf(rest);
            if (line.starts_with(kDash)) {
                ended = typeOf(line, "END") == type;
                break;
            }
            if (line.find(':') != std::string_view::npos)
                block.headers = true;
            else
                body += line;
        }
        const auto bytes = fromBase64(body);
        if (!ended || !bytes)
            continue; // no block: what follows may be one
        block.bytes = *bytes;
        blocks.push_back(std::move(block));
        left = rest;
    }
    return blocks;
}

std::string requestError(std::string_view base64) {
    const auto text = fromBase64(base64);
    const auto blocks = text ? pemBlocks(*text) : std::vector<PemBlock>();
    if (blocks.empty() || blocks[0].type != "CERTIFICATE REQUEST")
        return "PEM block type must be CERTIFICATE REQUEST";
    if (!isSequence(blocks[0].bytes))
        return "asn1: structure error: tags don't match (16 vs {class:0 tag:0 length:0 "
               "isCompound:false}) {optional:false explicit:false application:false private:false "
               "defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false} "
               "certificateRequest @2";
    return {};
}

std::string certificateError(std::string_view base64) {
    if (base64.empty())
        return {};
    const auto text = fromBase64(base64);
    const auto blocks = text ? pemBlocks(*text) : std::vector<PemBlock>();
    if (blocks.empty())
        return "must contain at least one CERTIFICATE PEM block";
    for (const PemBlock& block : blocks) {
        if (block.type != "CERTIFICATE")
            return "only CERTIFICATE PEM blocks are allowed, found \"" + block.type + "\"";
        if (block.headers)
            return "no PEM block headers are permitted";
        if (!isSequence(block.bytes))
            return "x509: malformed certificate";
    }
    return {};
}

} // namespace orrery::api
