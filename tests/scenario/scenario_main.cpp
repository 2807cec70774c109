// scenario [--rewrite] [--seed N] [FILE...]: runs transcripts and compares what they print; all of
// tests/scenario without a FILE.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/transcript.h"

using namespace orrery;
using namespace orrery::tests;

namespace {
struct Arguments {
    bool rewrite = false;
    std::uint64_t seed = 1;
    std::vector<std::string> files;
};

Arguments argumentsOf(int argc, char** argv) {
    Arguments made;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--rewrite")
            made.rewrite = true;
        else if (word == "--seed" && i + 1 < argc)
            made.seed = std::strtoull(argv[++i], nullptr, 10);
        else
            made.files.push_back(word);
    }
    if (made.files.empty())
        for (const auto& entry :
             std::filesystem::directory_iterator(ORRERY_SOURCE_DIR "/tests/scenario"))
            if (entry.path().extension() == ".txt" && entry.path().filename() != "CMakeLists.txt")
                made.files.push_back(entry.path().string());
    std::sort(made.files.begin(), made.files.end());
    return made;
}

std::string readFile(const std::string& path) {
    std::ifstream stream(path);
    std::stringstream bytes;
    bytes << stream.rdbuf();
    return bytes.str();
}

std::vector<std::string> linesOf(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    return lines;
}

void showDifference(const std::string& expected, const std::string& printed) {
    const std::vector<std::string> want = linesOf(expected), got = linesOf(printed);
    for (std::size_t i = 0; i < std::max(want.size(), got.size()); ++i) {
        const bool same = i < want.size() && i < got.size() && want[i] == got[i];
        if (same) {
            std::printf("    %s\n", got[i].c_str());
            continue;
        }
        if (i < want.size())
            std::printf("  - %s\n", want[i].c_str());
        if (i < got.size())
            std::printf("  + %s\n", got[i].c_str());
    }
}

// True when it printed what was expected (or was rewritten).
bool runFile(const std::string& file, const Arguments& arguments) {
    const Result<std::vector<Block>> blocks = parseTranscript(readFile(file));
    const std::string name = std::filesystem::path(file).filename().string();
    if (!blocks) {
        std::printf("%s: %s\n", name.c_str(), blocks.error().message.c_str());
        return false;
    }
    const auto began = std::chrono::steady_clock::now();
    TranscriptSession session(arguments.seed, ORRERY_SOURCE_DIR);
    std::vector<std::string> printed;
    bool good = true;
    for (const Block& block : *blocks) {
        printed.push_back(session.run(block));
        if (printed.back() == block.expected || arguments.rewrite)
            continue;
        good = false;
        std::printf("%s: below \"%s\":\n", name.c_str(),
                    block.commands.empty() ? "" : block.commands.back().line.c_str());
        showDifference(block.expected, printed.back());
    }
    const auto real = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - began);
    std::printf("%s: %s (%s in %lld ms)\n", name.c_str(), good ? "ok" : "FAILED",
                formatDuration(session.world().env().now() - session.world().startedAt()).c_str(),
                static_cast<long long>(real.count()));
    if (arguments.rewrite)
        std::ofstream(file) << renderTranscript(*blocks, printed);
    return good;
}
} // namespace

int main(int argc, char** argv) {
    const Arguments arguments = argumentsOf(argc, argv);
    int failed = 0;
    for (const std::string& file : arguments.files)
        failed += !runFile(file, arguments);
    if (arguments.files.empty())
        std::printf("there is no transcript\n");
    return arguments.files.empty() || failed > 0 ? 1 : 0;
}
