// FileFindFirst/Next: the names in a folder of the sandbox that fit a mask with `*` and `?`.
#pragma once
#include "files.hpp"
#include <fnmatch.h>

namespace shim {
struct name_search {
  std::vector<std::string> names;
  size_t next = 0;
};
inline std::map<long, name_search> &name_searches() {
  static std::map<long, name_search> table;
  return table;
}
inline bool next_name(long handle, string &name) {
  const auto found = name_searches().find(handle);
  if (found == name_searches().end() || found->second.next >= found->second.names.size()) return false;
  name = string::of(found->second.names[found->second.next++]);
  return true;
}
}  // namespace shim

inline long FileFindFirst(const string &filter, string &name, int common = 0) {
  static long last = 0;
  const std::string pattern = shim::sandboxed(filter, common);
  if (pattern.empty()) return INVALID_HANDLE;
  const std::filesystem::path mask(pattern);
  shim::name_search found;
  std::error_code error;
  for (const auto &entry : std::filesystem::directory_iterator(mask.parent_path(), error)) {
    const std::string file = entry.path().filename().string();
    if (file[0] != '.' && ::fnmatch(mask.filename().c_str(), file.c_str(), FNM_CASEFOLD) == 0) found.names.push_back(entry.is_directory() ? file + "\\" : file);
  }
  std::sort(found.names.begin(), found.names.end());
  if (found.names.empty()) { shim::fail(shim::error_not_exist); return INVALID_HANDLE; }
  shim::name_searches()[++last] = found;
  shim::next_name(last, name);
  return last;
}
inline bool FileFindNext(long handle, string &name) { return shim::next_name(handle, name); }
inline void FileFindClose(long handle) { shim::name_searches().erase(handle); }
