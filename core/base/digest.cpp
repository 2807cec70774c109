#include "core/base/digest.h"

#include <openssl/evp.h>

#include "core/base/error.h"

namespace orrery {

std::string sha256(std::string_view bytes) {
    std::string out(EVP_MAX_MD_SIZE, '\0');
    unsigned int size = 0;
    ORRERY_ASSERT(EVP_Digest(bytes.data(), bytes.size(),
                             reinterpret_cast<unsigned char*>(out.data()), &size, EVP_sha256(),
                             nullptr) == 1);
    out.resize(size);
    return out;
}

std::string hexText(std::string_view bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char byte : bytes) {
        out.push_back(kDigits[static_cast<unsigned char>(byte) >> 4]);
        out.push_back(kDigits[static_cast<unsigned char>(byte) & 15]);
    }
    return out;
}

} // namespace orrery
