// The window's library, `orrery-window`: all that the program knows of it is this one function,
// found with dlsym, so that a headless run loads no Qt.
#pragma once
#include "app/options.h"

// Opens the window with a cluster in it and returns the exit status when it is closed and the
// cluster is stopped.
extern "C" int orreryWindowMain(const orrery::app::Options* options, int argc, char** argv);
