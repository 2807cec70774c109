// Rules of volume sources that belong to storage plugins. For this folder.
#pragma once
#include <string>

#include "core/api/validation/findings.h"

namespace orrery::api {

void checkGitRepo(Findings& findings, const Json& source, const std::string& path);
void checkGcePersistentDisk(Findings& findings, const Json& source, const std::string& path);
void checkAwsElasticBlockStore(Findings& findings, const Json& source, const std::string& path);
void checkNfs(Findings& findings, const Json& source, const std::string& path);
void checkIscsi(Findings& findings, const Json& source, const std::string& path);
void checkGlusterfs(Findings& findings, const Json& source, const std::string& path);
void checkFlocker(Findings& findings, const Json& source, const std::string& path);
void checkRbd(Findings& findings, const Json& source, const std::string& path);
void checkCinder(Findings& findings, const Json& source, const std::string& path);
void checkCephfs(Findings& findings, const Json& source, const std::string& path);
void checkQuobyte(Findings& findings, const Json& source, const std::string& path);
void checkFc(Findings& findings, const Json& source, const std::string& path);
void checkAzureFile(Findings& findings, const Json& source, const std::string& path);
void checkFlexVolume(Findings& findings, const Json& source, const std::string& path);
void checkVsphereVolume(Findings& findings, const Json& source, const std::string& path);
void checkPhoton(Findings& findings, const Json& source, const std::string& path);
void checkPortworx(Findings& findings, const Json& source, const std::string& path);
void checkAzureDisk(Findings& findings, const Json& source, const std::string& path);
void checkStorageOs(Findings& findings, const Json& source, const std::string& path);
void checkScaleIo(Findings& findings, const Json& source, const std::string& path);
void checkCsi(Findings& findings, const Json& source, const std::string& path);
void checkEphemeralVolume(Findings& findings, const Json& source, const std::string& path);
void checkImageVolume(Findings& findings, const Json& source, const std::string& path);

} // namespace orrery::api
