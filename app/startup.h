// What the headless program and the window do alike around a cluster's start.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "app/options.h"
#include "core/cluster/cluster.h"

namespace orrery::app {

// The cluster that the command line asks for. Errors: no home to keep the state in, a manifest that
// is not there.
Result<cluster::ClusterOptions> clusterOptions(const Options& options);

// Applies every --apply file or folder (*.yaml, *.yml, *.json, sorted), one after the other;
// `report` gets one line for each document, then `done`. Plane thread.
void applyFromCommandLine(Env& env, cluster::Cluster& cluster, std::vector<std::string> paths,
                          std::function<void(const std::string& line, bool failed)> report,
                          std::function<void()> done);

// "deployment.apps/web created", as kubectl says it.
std::string describeApplied(const cluster::Applied& row);

} // namespace orrery::app
