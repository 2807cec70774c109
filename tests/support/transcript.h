// A scenario as a text: blocks of commands and, below a line of four dashes, what they print.
//
//     # what this scenario shows
//     nodes w1 w2
//     apply examples/manifests/web.yaml
//     settle
//     get pods
//     ----
//     NAME ...
//
// An empty line ends what is printed and begins the next block. A command that fails prints "error:
// ...". Names that the server made up end in a number in the order of their making
// (web-6d4cf56db6-1), in what is printed and in commands. tests/scenario/README.md lists the
// commands.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/support/sim_world.h"

namespace orrery::tests {

struct Command {
    std::vector<std::string> words; // "scale" "deployment/web" "5"
    std::string text;               // of a heredoc: apply <<END ... END
    std::string line;               // as written
};

struct Block {
    std::vector<std::string> source; // as written, comments too
    std::vector<Command> commands;
    std::string expected;
};

Result<std::vector<Block>> parseTranscript(const std::string& text);
// The file again, with `printed` in place of what was expected.
std::string renderTranscript(const std::vector<Block>& blocks,
                             const std::vector<std::string>& printed);

// One world that obeys commands.
class TranscriptSession {
  public:
    // `sourceDir`: where paths of manifests begin.
    TranscriptSession(std::uint64_t seed, std::string sourceDir);
    // What the commands of a block print.
    std::string run(const Block& block);
    SimWorld& world() { return world_; }

  private:
    using Handler = void (TranscriptSession::*)(const Command&);
    static const std::map<std::string, Handler>& handlers();
    void runOne(const Command& command);

    // --- transcript_commands.cpp
    void nodes(const Command& command);
    void apply(const Command& command);
    void settle(const Command& command);
    void advance(const Command& command);
    void killNode(const Command& command);
    void startNode(const Command& command);
    void scale(const Command& command);
    void setImage(const Command& command);
    void patch(const Command& command);
    void remove(const Command& command);
    void cordon(const Command& command);
    void taint(const Command& command);
    void drain(const Command& command);
    void pause(const Command& command);
    void instead(const Command& command);

    // --- transcript_printing.cpp
    void getObjects(const Command& command);
    void events(const Command& command);
    void why(const Command& command);
    void stations(const Command& command);
    void loops(const Command& command);
    void recent(const Command& command);
    void whyEach(const api::KindDef& kind, const std::string& selector);

    struct Target {
        const api::KindDef* kind = nullptr;
        std::string name;
    };
    std::optional<Target>
    target(const std::string& text); // "deployment/web"; says so when there is no such kind
    void print(const std::string& line) { out_ += line + "\n"; }
    void fail(const std::string& message) { print("error: " + message); }
    void check(const Result<client::Response>& answer) {
        if (!answer)
            fail(answer.error().message);
    }
    Loop* loop(const std::string& name);
    std::string nameOf(const store::Event& event) const; // "w1/web-1", "deployment/web"
    std::string titleOf(const std::string& key, const Json& object) const;
    std::string aliased(std::string text) const;
    std::string realName(const std::string& alias) const;
    void learnNames();

    SimWorld world_;
    std::string sourceDir_, namespace_ = "default", out_;
    std::size_t learnt_ = 0;                            // events whose names are known
    std::map<std::string, int> made_;                   // kind and generateName -> how many
    std::map<std::string, std::string> aliases_, real_; // name -> alias, alias -> name
};

// A flag of a command: valueOf({"get", "pods", "-l", "app=web"}, "-l") is "app=web"; "" when it is
// not there.
std::string flagOf(const Command& command, const std::string& flag);

} // namespace orrery::tests
