#include "tests/support/transcript.h"

#include <algorithm>
#include <cctype>
#include <sstream>

namespace orrery::tests {

namespace {
std::vector<std::string> wordsOf(const std::string& line) {
    std::vector<std::string> words;
    std::string word;
    bool quoted = false, any = false;
    for (const char c : line) {
        if (c == '\'') {
            quoted = !quoted;
            any = true;
        } else if (c == ' ' && !quoted) {
            if (any)
                words.push_back(std::exchange(word, {}));
            any = false;
        } else {
            word.push_back(c);
            any = true;
        }
    }
    if (any)
        words.push_back(word);
    return words;
}

// "web(7e1b04a6-...)" becomes "web(UID)".
std::string withoutUids(std::string text) {
    constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    for (std::size_t at = 0; at + kShape.size() <= text.size(); ++at) {
        const bool uid = std::equal(
            kShape.begin(), kShape.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
            [](char shape, char c) {
                return shape == '-' ? c == '-' : std::isxdigit(static_cast<unsigned char>(c)) != 0;
            });
        if (uid)
            text.replace(at, kShape.size(), "UID");
    }
    return text;
}
} // namespace

std::string flagOf(const Command& command, const std::string& flag) {
    for (std::size_t i = 1; i < command.words.size(); ++i) {
        if (command.words[i] == flag && i + 1 < command.words.size())
            return command.words[i + 1];
        if (command.words[i].starts_with(flag + "="))
            return command.words[i].substr(flag.size() + 1);
    }
    return "";
}

Result<std::vector<Block>> parseTranscript(const std::string& text) {
    std::vector<Block> blocks;
    std::istringstream lines(text);
    std::string line;
    while (std::getline(lines, line)) {
        Block block;
        bool ended = false;
        do {
            if (line == "----") {
                ended = true;
                break;
            }
            block.source.push_back(line);
            if (line.empty() || line[0] == '#')
                continue;
            Command command{wordsOf(line), "", line};
            if (!command.words.empty() && command.words.back().starts_with("<<")) {
                const std::string end = command.words.back().substr(2);
                command.words.pop_back();
                while (std::getline(lines, line)) {
                    block.source.push_back(line);
                    if (line == end)
                        break;
                    command.text += line + "\n";
                }
                if (line != end)
                    return badRequest("no line \"" + end + "\" ends this text: " + command.line);
            }
            block.commands.push_back(std::move(command));
        } while (std::getline(lines, line));
        if (!ended && block.commands.empty())
            break; // comments at the end
        if (!ended)
            return badRequest("a block without ----: " + block.commands.front().line);
        while (std::getline(lines, line) && !line.empty())
            block.expected += line + "\n";
        blocks.push_back(std::move(block));
    }
    if (blocks.empty())
        return badRequest("there is no block in it");
    return blocks;
}

std::string renderTranscript(const std::vector<Block>& blocks,
                             const std::vector<std::string>& printed) {
    std::string out;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        if (i > 0)
            out += "\n";
        for (const std::string& line : blocks[i].source)
            out += line + "\n";
        out += "----\n" + printed[i];
    }
    return out;
}

TranscriptSession::TranscriptSession(std::uint64_t seed, std::string sourceDir)
    : world_({.seed = seed}), sourceDir_(std::move(sourceDir)) {}

const std::map<std::string, TranscriptSession::Handler>& TranscriptSession::handlers() {
    using S = TranscriptSession;
    static const std::map<std::string, Handler> kHandlers = {
        {"nodes", &S::nodes},       {"apply", &S::apply},        {"settle", &S::settle},
        {"advance", &S::advance},   {"kill-node", &S::killNode}, {"start-node", &S::startNode},
        {"scale", &S::scale},       {"set", &S::setImage},       {"patch", &S::patch},
        {"delete", &S::remove},     {"cordon", &S::cordon},      {"uncordon", &S::cordon},
        {"taint", &S::taint},       {"drain", &S::drain},        {"pause", &S::pause},
        {"step", &S::pause},        {"resume", &S::pause},       {"namespace", &S::instead},
        {"get", &S::getObjects},    {"events", &S::events},      {"why", &S::why},
        {"stations", &S::stations}, {"loops", &S::loops},        {"recent", &S::recent},
    };
    return kHandlers;
}

std::string TranscriptSession::run(const Block& block) {
    out_.clear();
    for (const Command& command : block.commands)
        runOne(command);
    return out_;
}

void TranscriptSession::runOne(const Command& command) {
    learnNames();
    const auto handler = handlers().find(command.words.empty() ? "" : command.words.front());
    if (handler == handlers().end())
        return fail("there is no command \"" + command.line + "\"");
    const std::size_t before = out_.size();
    (this->*handler->second)(command);
    learnNames();
    out_ = out_.substr(0, before) + aliased(out_.substr(before));
}

// Made-up names end in a number: the same however the server chose them.
void TranscriptSession::learnNames() {
    const std::vector<store::EventPtr>& history = world_.history();
    for (; learnt_ < history.size(); ++learnt_) {
        const store::Event& event = *history[learnt_];
        if (event.type != store::Event::Type::Put || event.current->version != 1 ||
            isHeartbeat(event))
            continue;
        const Json& object = event.current->value->tree();
        const std::string base(stringAt(object, "metadata.generateName")),
            name(stringAt(object, "metadata.name"));
        if (base.empty() || !name.starts_with(base))
            continue;
        const std::string alias =
            base + std::to_string(++made_[std::string(stringAt(object, "kind")) + base]);
        aliases_[name] = alias;
        real_[alias] = name;
    }
}

std::string TranscriptSession::aliased(std::string text) const {
    // The longest first: one made-up name may begin like another.
    std::vector<std::pair<std::string, std::string>> names(aliases_.begin(), aliases_.end());
    std::stable_sort(names.begin(), names.end(),
                     [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
    for (const auto& [name, alias] : names)
        for (std::size_t at = text.find(name); at != std::string::npos;
             at = text.find(name, at + alias.size()))
            text.replace(at, name.size(), alias);
    return withoutUids(std::move(text));
}

std::string TranscriptSession::realName(const std::string& alias) const {
    const auto at = real_.find(alias);
    return at == real_.end() ? alias : at->second;
}

std::optional<TranscriptSession::Target> TranscriptSession::target(const std::string& text) {
    const std::size_t slash = text.find('/');
    const api::KindDef* kind = world_.kind(text.substr(0, slash));
    if (!kind || slash == std::string::npos) {
        fail(kind ? "which " + text + "?"
                  : "the server doesn't have a resource type \"" + text + "\"");
        return std::nullopt;
    }
    return Target{kind, realName(text.substr(slash + 1))};
}

} // namespace orrery::tests
