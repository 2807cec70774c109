#include "app/options.h"

#include <charconv>
#include <cstdlib>
#include <functional>

namespace orrery::app {

namespace {
constexpr int kSimulatedNodesMax = 5000; // Kubernetes' own limit for a cluster

struct Flag {
    const char* name;
    const char* value; // what --help calls the value; "" for a switch
    const char* help;
    std::function<Result<void>(Options&, const std::string&)> set;
};

Result<int> number(const std::string& text, int min, int max) {
    int value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size() || value < min || value > max)
        return badRequest("\"" + text + "\" is no number from " + std::to_string(min) + " to " +
                          std::to_string(max));
    return value;
}

Result<void> setListen(Options& options, const std::string& text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0)
        return badRequest("\"" + text + "\" is not HOST:PORT");
    ORRERY_TRY_ASSIGN(options.listenPort, number(text.substr(colon + 1), 0, 65535));
    options.listenHost = text.substr(0, colon);
    if (options.listenHost.size() > 2 && options.listenHost.front() == '[')
        options.listenHost = options.listenHost.substr(1, options.listenHost.size() - 2);
    return {};
}

Result<void> notYet(const char* what) {
    return badRequest(std::string(what) + " is not part of this version yet");
}

Result<void> text(std::string& target, const std::string& value) {
    if (value.empty())
        return badRequest("the value is empty");
    target = value;
    return {};
}

const std::vector<Flag>& flags() {
    static const std::vector<Flag> all = {
        {"--headless", "", "the control plane without a window; stops on SIGTERM or SIGINT",
         [](Options& o, const std::string&) {
             o.headless = true;
             return Result<void>();
         }},
        {"--data-dir", "DIR",
         "the cluster's state (default: the platform's application data folder)",
         [](Options& o, const std::string& v) { return text(o.dataDir, v); }},
        {"--listen", "HOST:PORT",
         "the API server (default 127.0.0.1:6443; port 0 picks a free one)", setListen},
        {"--kubeconfig", "FILE",
         "write the admin kubeconfig there (default: merge context \"orrery\" into yours)",
         [](Options& o, const std::string& v) { return text(o.kubeconfig, v); }},
        {"--etcd-listen", "HOST:PORT|none",
         "the etcd v3 API of the embedded store (this version: none)",
         [](Options&, const std::string& v) {
             return v == "none" ? Result<void>() : notYet("an etcd v3 API (any value but none)");
         }},
        {"--etcd-servers", "URL[,URL]",
         "a real etcd cluster instead of the embedded store (not yet)",
         [](Options&, const std::string&) { return notYet("an external etcd cluster"); }},
        {"--simulated-nodes", "N", "simulated nodes to start with (default 3)",
         [](Options& o, const std::string& v) -> Result<void> {
             ORRERY_TRY_ASSIGN(o.simulatedNodes, number(v, 0, kSimulatedNodesMax));
             return {};
         }},
        {"--instant", "", "simulated containers start, become ready and finish at once",
         [](Options& o, const std::string&) {
             o.instant = true;
             return Result<void>();
         }},
        {"--vm-nodes", "N", "libvirt VMs to start with (default 0; more: not yet)",
         [](Options&, const std::string& v) {
             return v == "0" ? Result<void>() : notYet("a VM node");
         }},
        {"--host-node", "", "run a kubelet on this machine's containerd (not yet)",
         [](Options&, const std::string&) { return notYet("a kubelet on this machine"); }},
        {"--image-dir", "DIR", "OCI archives to offer to every real node (not yet)",
         [](Options&, const std::string&) { return notYet("a folder of images"); }},
        {"--apply", "FILE|DIR", "apply these manifests after the start (repeatable)",
         [](Options& o, const std::string& v) {
             o.apply.push_back(v);
             return Result<void>();
         }},
        {"--version", "", "print the version",
         [](Options& o, const std::string&) {
             o.command = Options::Command::Version;
             return Result<void>();
         }},
        {"--help", "", "print this",
         [](Options& o, const std::string&) {
             o.command = Options::Command::Help;
             return Result<void>();
         }},
    };
    return all;
}

// For tests and for pictures of the window; left out of --help.
const std::vector<Flag>& hiddenFlags() {
    static const std::vector<Flag> all = {
        {"--screenshot", "FILE", "",
         [](Options& o, const std::string& v) { return text(o.screenshotFile, v); }},
        {"--page", "NAME", "",
         [](Options& o, const std::string& v) { return text(o.screenshotPage, v); }},
        {"--after", "MS", "",
         [](Options& o, const std::string& v) -> Result<void> {
             ORRERY_TRY_ASSIGN(o.screenshotAfterMs, number(v, 0, 600'000));
             return {};
         }},
    };
    return all;
}

const Flag* flagOf(const std::string& name) {
    for (const auto* list : {&flags(), &hiddenFlags()})
        for (const Flag& flag : *list)
            if (name == flag.name)
                return &flag;
    return nullptr;
}

Result<Options> parseWhy(const std::vector<std::string>& arguments) {
    Options options;
    options.command = Options::Command::Why;
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        const bool takesValue =
            argument == "-n" || argument == "--namespace" || argument == "--kubeconfig";
        if (takesValue && i + 1 == arguments.size())
            return badRequest(argument + " needs a value");
        if (argument == "--kubeconfig")
            options.kubeconfig = arguments[++i];
        else if (takesValue)
            options.whyNamespace = arguments[++i];
        else if (argument == "-h" || argument == "--help")
            options.command = Options::Command::Help;
        else if (argument.starts_with("-"))
            return badRequest("orrery why knows no flag " + argument + "; see orrery --help");
        else if (options.whyObject.empty())
            options.whyObject = argument;
        else
            return badRequest("orrery why takes one KIND/NAME, not also \"" + argument + "\"");
    }
    const std::size_t slash = options.whyObject.find('/');
    if (options.command == Options::Command::Why &&
        (slash == std::string::npos || slash == 0 || slash + 1 == options.whyObject.size()))
        return badRequest("orrery why needs KIND/NAME, for example: orrery why pod/web");
    return options;
}
} // namespace

Result<Options> parseOptions(const std::vector<std::string>& arguments) {
    if (!arguments.empty() && arguments.front() == "why")
        return parseWhy(arguments);
    Options options;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        std::string name = arguments[i], value;
        if (name == "-h" || name == "help")
            name = "--help";
        const std::size_t equals = name.starts_with("--") ? name.find('=') : std::string::npos;
        const bool inlined = equals != std::string::npos;
        if (inlined) {
            value = name.substr(equals + 1);
            name.resize(equals);
        }
        const Flag* flag = flagOf(name);
        if (!flag)
            return badRequest("unknown " +
                              std::string(name.starts_with("-") ? "flag " : "command ") + name +
                              "; see orrery --help");
        const bool takesValue = *flag->value != '\0';
        if (!takesValue && inlined)
            return badRequest(name + " takes no value");
        if (takesValue && !inlined) {
            if (i + 1 == arguments.size())
                return badRequest(name + " needs a value: " + flag->value);
            value = arguments[++i];
        }
        if (Result<void> set = flag->set(options, value); !set)
            return badRequest(name + ": " + set.error().message);
    }
    return options;
}

std::string helpText() {
    std::string help =
        "orrery: a Kubernetes you can see inside\n\n"
        "usage: orrery [flags]                the window, with a cluster in it\n"
        "       orrery --headless [flags]     the same control plane without a window\n"
        "       orrery why KIND/NAME [-n NS] [--kubeconfig FILE]\n"
        "                                     the chain of causes of an object, from a running "
        "Orrery\n\n";
    for (const Flag& flag : flags()) {
        std::string left =
            std::string("  ") + flag.name + (*flag.value ? std::string(" ") + flag.value : "");
        left.resize(std::max<std::size_t>(left.size() + 2, 32), ' ');
        help += left + flag.help + "\n";
    }
    return help;
}

std::string defaultDataDir() {
    const auto variable = [](const char* name) {
        const char* value = std::getenv(name);
        return std::string(value ? value : "");
    };
#if defined(_WIN32)
    const std::string base = variable("LOCALAPPDATA");
#elif defined(__APPLE__)
    const std::string base =
        variable("HOME").empty() ? "" : variable("HOME") + "/Library/Application Support";
#else
    std::string base = variable("XDG_DATA_HOME");
    if (base.empty() && !variable("HOME").empty())
        base = variable("HOME") + "/.local/share";
#endif
    return base.empty() ? "" : base + "/orrery";
}

std::string userKubeconfigPath() {
    if (const char* list = std::getenv("KUBECONFIG"); list && *list) {
        const std::string all = list;
        return all.substr(0, all.find(':'));
    }
    const char* home = std::getenv("HOME");
    return home && *home ? std::string(home) + "/.kube/config" : "";
}

} // namespace orrery::app
