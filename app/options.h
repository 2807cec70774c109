// The command line of `orrery` (architecture, section 9).
#pragma once
#include <string>
#include <vector>

#include "core/base/error.h"

namespace orrery::app {

struct Options {
    enum class Command { Run, Why, Help, Version };
    Command command = Command::Run;
    bool headless = false;
    std::string dataDir; // "": the platform's folder
    std::string listenHost = "127.0.0.1";
    int listenPort = 6443;
    std::string kubeconfig; // "": merge into the user's
    int simulatedNodes = 3;
    bool instant = false;
    std::vector<std::string> apply;
    // why KIND/NAME [-n NS]
    std::string whyObject;
    std::string whyNamespace = "default";
    // For tests and pictures of the window; not part of the contract.
    std::string screenshotFile, screenshotPage;
    int screenshotAfterMs = 3000;
};

// `arguments` without the program's name. The error is one line that says what is wrong.
Result<Options> parseOptions(const std::vector<std::string>& arguments);

// The text of --help.
std::string helpText();

// The folder of the cluster's state when --data-dir is not given: $XDG_DATA_HOME/orrery,
// ~/.local/share/orrery, or the platform's like. "" when there is no home.
std::string defaultDataDir();
// The user's own kubeconfig: the first file of $KUBECONFIG, or ~/.kube/config.
std::string userKubeconfigPath();

} // namespace orrery::app
