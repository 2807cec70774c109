#include "core/runtime/real/real_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace orrery {

namespace {
namespace fs = std::filesystem;

Error fileError(const std::string& what, const std::string& path, int code) {
    return internalError(what + " " + path + ": " + std::strerror(code));
}

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ >= 0)
            ::close(fd_);
    }
    int get() const { return fd_; }

  private:
    int fd_;
};

Result<void> writeAll(int fd, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fileError("can't write", path, errno);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

class RealWritableFile final : public WritableFile {
  public:
    RealWritableFile(int fd, std::string path) : descriptor_(fd), path_(std::move(path)) {}
    Result<void> append(std::string_view bytes) override {
        return writeAll(descriptor_.get(), bytes, path_);
    }
    Result<void> sync() override {
        if (::fsync(descriptor_.get()) != 0)
            return fileError("can't sync", path_, errno);
        return {};
    }

  private:
    Descriptor descriptor_;
    std::string path_;
};

class RealFileLock final : public FileLock {
  public:
    explicit RealFileLock(int fd) : descriptor_(fd) {}

  private:
    Descriptor descriptor_; // closing it releases the lock
};
} // namespace

Result<std::string> RealFiles::read(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) {
        Error error = fileError("can't read", path, errno);
        error.reason = errno == ENOENT ? Reason::NotFound : Reason::InternalError;
        return error;
    }
    std::string bytes;
    char buffer[65536];
    while (true) {
        const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fileError("can't read", path, errno);
        if (got == 0)
            return bytes;
        bytes.append(buffer, static_cast<std::size_t>(got));
    }
}

Result<void> RealFiles::write(const std::string& path, std::string_view bytes, bool secret) {
    const std::string beside = path + ".new";
    {
        const Descriptor file(
            ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, secret ? 0600 : 0644));
        if (file.get() < 0)
            return fileError("can't write", path, errno);
        // An older file of this name may have had wider rights.
        if (secret && ::fchmod(file.get(), 0600) != 0)
            return fileError("can't protect", path, errno);
        ORRERY_TRY(writeAll(file.get(), bytes, path));
        if (::fsync(file.get()) != 0)
            return fileError("can't sync", path, errno);
    }
    if (::rename(beside.c_str(), path.c_str()) != 0)
        return fileError("can't replace", path, errno);
    return {};
}

bool RealFiles::exists(const std::string& path) {
    std::error_code code;
    return fs::exists(path, code);
}

bool RealFiles::isDirectory(const std::string& path) {
    std::error_code code;
    return fs::is_directory(path, code);
}

Result<std::vector<std::string>> RealFiles::list(const std::string& folder) {
    std::error_code code;
    std::vector<std::string> names;
    for (fs::directory_iterator at(folder, code), end; !code && at != end; at.increment(code))
        names.push_back(at->path().filename().string());
    if (code)
        return fileError("can't list", folder, code.value());
    std::sort(names.begin(), names.end());
    return names;
}

Result<void> RealFiles::makeFolders(const std::string& folder) {
    std::error_code code;
    fs::create_directories(folder, code);
    if (code)
        return fileError("can't make the folder", folder, code.value());
    return {};
}

Result<void> RealFiles::remove(const std::string& path) {
    std::error_code code;
    fs::remove(path, code);
    if (code)
        return fileError("can't remove", path, code.value());
    return {};
}

Result<std::unique_ptr<WritableFile>> RealFiles::openAppend(const std::string& path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0)
        return fileError("can't open", path, errno);
    return std::unique_ptr<WritableFile>(std::make_unique<RealWritableFile>(fd, path));
}

Result<std::unique_ptr<FileLock>> RealFiles::lock(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return fileError("can't open the lock file", path, errno);
    auto held = std::make_unique<RealFileLock>(fd);
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        Error error = fileError("can't lock", path, errno);
        if (errno == EWOULDBLOCK)
            error = makeError(Reason::Conflict, path + " is locked by another process");
        return error;
    }
    return std::unique_ptr<FileLock>(std::move(held));
}

} // namespace orrery
