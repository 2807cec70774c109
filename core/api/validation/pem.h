// PEM texts in base64, as fields of objects hold them: just enough to tell what is none.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace orrery::api {

struct PemBlock {
    std::string type; // "CERTIFICATE"
    bool headers = false;
    std::string bytes; // DER
};

// All blocks of a PEM text; what lies between them is skipped.
std::vector<PemBlock> pemBlocks(std::string_view text);

// What is wrong with the base64 of a certificate signing request, "" when nothing is. The signature
// is not checked.
std::string requestError(std::string_view base64);
// The same of a list of certificates; "" for an empty text.
std::string certificateError(std::string_view base64);

} // namespace orrery::api
