// The machine's files.
#pragma once
#include "core/runtime/env.h"

namespace orrery {

class RealFiles final : public Files {
  public:
    Result<std::string> read(const std::string& path) override;
    Result<void> write(const std::string& path, std::string_view bytes, bool secret) override;
    bool exists(const std::string& path) override;
    bool isDirectory(const std::string& path) override;
    Result<std::vector<std::string>> list(const std::string& folder) override;
    Result<void> makeFolders(const std::string& folder) override;
    Result<void> remove(const std::string& path) override;
    Result<std::unique_ptr<WritableFile>> openAppend(const std::string& path) override;
    Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;
};

} // namespace orrery
